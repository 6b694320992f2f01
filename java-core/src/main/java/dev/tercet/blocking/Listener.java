package dev.tercet.blocking;

import dev.tercet.Resource;
import java.io.IOException;

/**
 * A source of connections, generic over their type: a listener may wrap another and yield TLS
 * streams.
 *
 * @param <R> the type of the connections
 */
public interface Listener<R extends Resource> extends Resource {
  /**
   * Waits for the next connection. The caller owns it.
   *
   * <p><i>Errors:</i> {@link dev.tercet.ClosedResourceException} when this listener was closed
   * before or during the call; {@link dev.tercet.BusyResourceException} when another thread is
   * accepting; a system {@link IOException}, such as "too many open files". The listener stays
   * usable after it (spec IO-L1, IO-SL3).
   *
   * <p><i>Interruption:</i> no effect: a connection that has arrived stays in the queue.
   *
   * <p><i>Thread-safety:</i> one acceptor at a time.
   *
   * @return the connection, never null
   * @throws IOException when no connection can be accepted now
   * @throws InterruptedException when interrupted before or while waiting
   */
  R accept() throws IOException, InterruptedException;
}
