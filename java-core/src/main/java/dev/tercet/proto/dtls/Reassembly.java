package dev.tercet.proto.dtls;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Makes whole messages, in order and each once, out of fragments that come in any order, twice, or
 * cut at other places the second time.
 *
 * <p><b>The problem.</b> Messages are numbered and their fragments say where they belong, so order
 * is cheap. But everything is clear text: whoever can send a datagram in the peer's name chooses
 * the lengths. A reassembly that trusts them allocates what the attacker says; one that wants the
 * very ranges it saw first stalls when the peer packs anew for a smaller MTU.
 *
 * <p><b>The strategy.</b> Parts are kept as they came, by offset, cut where they overlap; the first
 * to say a byte wins. Memory is what was received, never what was announced. Type and length of a
 * message are those of its first fragment; fragments that differ are refused. Four limits hold the
 * whole: length of a message, how far ahead of the next one, parts per message, bytes altogether.
 *
 * <p><b>What we do not do.</b> Before the Finished message nothing can tell a forged fragment from
 * a true one; a forged one that wins makes the handshake fail. That is DTLS 1.2 (RFC 6347 section
 * 4.1.2.7 can only speak of records with a MAC).
 *
 * <p>Not thread-safe; the session owns it.
 */
public final class Reassembly {
  /** A chain of certificates is the longest message there is; what is longer is an attack. */
  public static final int MAX_MESSAGE_BYTES = 32 * 1024;

  /** No flight has more messages than this. */
  public static final int MAX_AHEAD = 16;

  /** A message of 32 KiB in datagrams of 300 bytes has 120. */
  public static final int MAX_PARTS = 256;

  /** Of all the messages that are not whole, or not next. */
  public static final int MAX_BUFFERED_BYTES = 64 * 1024;

  private final Map<Integer, Partial> partials = new HashMap<>();
  private int next;
  private int bufferedBytes;

  /** What became of a fragment. */
  public enum Verdict {
    /** It has something new. */
    TAKEN,
    /** It belongs to a message that was given out, or has nothing new. */
    DUPLICATE,
    /** It breaks a limit, or contradicts what was there first. */
    REFUSED
  }

  /**
   * Begins.
   *
   * @param next the number of the first message to give out
   */
  public Reassembly(int next) {
    this.next = next;
  }

  /**
   * Gives up all that is not whole, and goes on elsewhere.
   *
   * @param number of the message to give out next
   */
  public void restartAt(int number) {
    partials.clear();
    bufferedBytes = 0;
    next = number;
  }

  /**
   * Takes a fragment.
   *
   * @param fragment from the network
   */
  public Verdict add(HandshakeFragment fragment, int version) {
    int number = fragment.number();
    if (number < next) {
      return Verdict.DUPLICATE;
    }
    if (number >= next + MAX_AHEAD
        || fragment.messageBytes() > MAX_MESSAGE_BYTES
        || bufferedBytes + fragment.part().length > MAX_BUFFERED_BYTES) {
      return Verdict.REFUSED;
    }
    Partial partial = partials.get(number);
    if (partial == null) {
      partial = new Partial(fragment.type(), fragment.messageBytes(), version);
      partials.put(number, partial);
    } else if (partial.type != fragment.type() || partial.messageBytes != fragment.messageBytes()) {
      return Verdict.REFUSED;
    } else if (partial.isWhole()) {
      return Verdict.DUPLICATE;
    }
    if (partial.parts.size() >= MAX_PARTS) {
      return Verdict.REFUSED;
    }
    int gained = partial.add(fragment.offset(), fragment.part());
    bufferedBytes += gained;
    return gained > 0 || partial.isWhole() ? Verdict.TAKEN : Verdict.DUPLICATE;
  }

  /**
   * Takes the next message out, if it is whole.
   *
   * @return null when something of it is missing
   */
  public @Nullable HandshakeMessage poll() {
    Partial partial = partials.get(next);
    if (partial == null || !partial.isWhole()) {
      return null;
    }
    partials.remove(next);
    bufferedBytes -= partial.messageBytes;
    return new HandshakeMessage(partial.type, next++, partial.version, partial.join());
  }

  private static final class Partial {
    final int type;
    final int messageBytes;
    final int version;

    /** By offset; they do not overlap and none is empty. */
    final TreeMap<Integer, byte[]> parts = new TreeMap<>();

    private int haveBytes;

    Partial(int type, int messageBytes, int version) {
      this.type = type;
      this.messageBytes = messageBytes;
      this.version = version;
    }

    boolean isWhole() {
      return haveBytes == messageBytes;
    }

    /** Puts what is new between what is there; returns how many bytes were new. */
    int add(int offset, byte[] part) {
      int before = haveBytes;
      int at = offset;
      int end = offset + part.length;
      while (at < end) {
        Map.Entry<Integer, byte[]> below = parts.floorEntry(at);
        int free = below == null ? 0 : below.getKey() + below.getValue().length;
        if (free > at) {
          at = free;
          continue;
        }
        Integer above = parts.higherKey(at);
        int to = above == null ? end : Math.min(end, above);
        byte[] piece = new byte[to - at];
        System.arraycopy(part, at - offset, piece, 0, piece.length);
        parts.put(at, piece);
        haveBytes += piece.length;
        at = to;
      }
      return haveBytes - before;
    }

    byte[] join() {
      byte[] body = new byte[messageBytes];
      parts.forEach((offset, part) -> System.arraycopy(part, 0, body, offset, part.length));
      return body;
    }
  }
}
