package dev.tercet;

import java.io.IOException;

/**
 * Something that holds an OS resource and must be closed: a stream, a listener, a channel.
 *
 * <p>There are two closes. {@link #close()} is graceful and may wait: a TLS stream sends
 * close_notify, a socket waits until its port is free. {@link #closeForcefully()} never waits and
 * never throws; use it where waiting is wrong, in a {@code finally} for instance. After either of
 * them the resource is released in every case (spec IO-A1).
 *
 * <p>This is the blocking interface. Its suspending twin is {@code
 * dev.tercet.coroutines.AsyncResource}.
 */
public interface Resource extends AutoCloseable {
  /**
   * Closes gracefully. Closing an already closed resource does nothing (spec IO-A2). Operations in
   * which other threads are blocked end with {@link ClosedResourceException} (spec IO-A4).
   *
   * <p><i>Errors:</i> {@link IOException} when EOF could not be sent to the peer; the resource is
   * closed nevertheless.
   *
   * <p><i>Interruption:</i> an interrupted thread closes forcefully, keeps its interrupt flag and
   * gets no exception. In an expired cancel scope this closes forcefully and then throws {@code
   * CancelledException}.
   *
   * <p><i>Thread-safety:</i> any thread, any number of times.
   *
   * @throws IOException when the resource could not be closed gracefully
   */
  @Override
  void close() throws IOException;

  /**
   * Closes at once, without notifying the peer and without waiting. The port of a socket is
   * <em>not</em> free yet when this returns. This wakes its event loop, which frees the port in its
   * next turn. Only {@link #close()} returns when the port is free.
   *
   * <p><i>Errors:</i> none.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> any thread, any number of times.
   */
  void closeForcefully();
}
