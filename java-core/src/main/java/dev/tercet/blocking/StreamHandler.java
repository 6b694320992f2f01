package dev.tercet.blocking;

import java.io.IOException;

/**
 * The handler of a server's connections.
 *
 * @param <S> the type of the connections
 */
@FunctionalInterface
public interface StreamHandler<S> {
  /**
   * Handles one connection, on a separate thread. However it ends, the stream is then closed
   * forcefully. A handler closes gracefully with {@code try (stream)}.
   *
   * <p><i>Errors:</i> {@link dev.tercet.OnHandlerError} gets every failure, except a cancellation.
   *
   * <p><i>Interruption:</i> the thread is interrupted when the server cancels the handler.
   *
   * <p><i>Thread-safety:</i> called once per connection, by several threads at once.
   *
   * @param stream the connection
   * @throws IOException when the connection failed; see {@link dev.tercet.OnHandlerError}
   * @throws InterruptedException when the server cancels the handler
   */
  void handle(S stream) throws IOException, InterruptedException;
}
