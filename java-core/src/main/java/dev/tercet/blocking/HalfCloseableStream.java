package dev.tercet.blocking;

import java.io.IOException;

/**
 * A stream whose sending half can end while the receiving half continues. TLS streams are not
 * half-closeable, so this is a separate type (spec IO-H6).
 */
public interface HalfCloseableStream extends Stream {
  /**
   * Ends the sending half: the peer receives everything that was sent, then EOF. This side keeps
   * receiving. A later {@code sendAll} gets {@link dev.tercet.ClosedResourceException}; a second
   * {@code sendEof} does nothing (spec IO-H1, IO-H2).
   *
   * <p><i>Errors:</i> {@link dev.tercet.BrokenResourceException} when the peer is gone; {@link
   * dev.tercet.ClosedResourceException} when this stream was closed without a {@code sendEof}
   * before; {@link dev.tercet.BusyResourceException} when another thread is sending or waiting to.
   *
   * <p><i>Interruption:</i> no effect: EOF was not sent.
   *
   * <p><i>Thread-safety:</i> excludes sending; receiving concurrently is fine.
   *
   * @throws IOException when the stream is broken or closed
   * @throws InterruptedException when interrupted before or while waiting
   */
  void sendEof() throws IOException, InterruptedException;
}
