package dev.tercet.blocking;

import java.io.IOException;

/**
 * What a server does with each connection.
 *
 * @param <S> the type of the connections
 */
@FunctionalInterface
public interface StreamHandler<S> {
  /**
   * Handles one connection, on a thread of its own. When it ends, however, the stream is closed
   * forcefully; a handler that wants a graceful close does it itself, with {@code try (stream)}.
   *
   * @param stream the connection
   * @throws IOException when the conversation failed; see {@link dev.tercet.OnHandlerError}
   * @throws InterruptedException when the server cancels the handler
   */
  void handle(S stream) throws IOException, InterruptedException;
}
