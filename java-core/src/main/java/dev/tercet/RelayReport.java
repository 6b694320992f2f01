package dev.tercet;

import dev.tercet.internal.text.Counts;

/**
 * The result of a relay between a client and a server (spec IO-H11).
 *
 * @param toServer how many bytes went from the client to the server
 * @param toClient how many bytes went from the server to the client
 * @param endedFirst the side whose EOF came first
 */
public record RelayReport(long toServer, long toClient, Side endedFirst) {
  /** One of the two sides of a relay. */
  public enum Side {
    /** The side that has connected. */
    CLIENT,
    /** The side that was connected to. */
    SERVER
  }

  /** For example {@code 8 bytes to the server, 9 bytes to the client, the client ended first}. */
  @Override
  public String toString() {
    return Counts.of(toServer, "byte", "bytes")
        + " to the server, "
        + Counts.of(toClient, "byte", "bytes")
        + " to the client, the "
        + (endedFirst == Side.CLIENT ? "client" : "server")
        + " ended first";
  }
}
