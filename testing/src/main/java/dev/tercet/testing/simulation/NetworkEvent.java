package dev.tercet.testing.simulation;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * Something that happened on a {@link SimulatedNetwork}.
 *
 * @param at when, since the beginning
 * @param kind what
 * @param socket the number of the socket it happened to, counted from 1 as sockets are opened and
 *     accepted; 0 for none
 * @param detail where, and other details, for people
 */
public record NetworkEvent(Duration at, Kind kind, int socket, String detail) {
  /** What can happen. */
  public enum Kind {
    /** A name was looked up. */
    LOOKUP,
    /** A lookup was answered, or failed. */
    ANSWER,
    /** A program opened a socket. */
    OPEN,
    /** A socket was bound. */
    BIND,
    /** A connect began: its first SYN. */
    CONNECT,
    /** A SYN was sent again, for the queue of the listener was full. */
    SYN,
    /** A connect succeeded. */
    ESTABLISHED,
    /** A connect failed. */
    FAILED,
    /** A connection came out of a listener; the socket is the new one. */
    ACCEPTED,
    /** Bytes were sent, or a datagram. */
    SEND,
    /** Bytes were received, or a datagram. */
    RECEIVE,
    /** The end of the stream was sent. */
    FIN,
    /** A reset was sent. */
    RESET,
    /** A datagram was lost. */
    DROP,
    /** A socket was closed by its program. */
    CLOSE
  }

  /** In seconds, however many: the lines of a trace are compared. */
  private static String text(Duration time) {
    BigDecimal seconds =
        BigDecimal.valueOf(time.getSeconds()).add(BigDecimal.valueOf(time.getNano(), 9));
    return seconds.stripTrailingZeros().toPlainString() + "s";
  }

  /** For example {@code 0.25s #3 CONNECT 192.0.2.1:443}. */
  @Override
  public String toString() {
    String who = socket == 0 ? "" : " #" + socket;
    return text(at) + who + " " + kind + (detail.isEmpty() ? "" : " " + detail);
  }
}
