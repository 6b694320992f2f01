package dev.tercet;

import dev.tercet.internal.text.Counts;

/**
 * The counts of a server, returned when it was stopped by its {@link StopSignal}. {@code accepted}
 * is the sum of the other three (spec IO-SV10).
 *
 * <p>A handler counts by how it ended. One that was cancelled and returned has finished; one that
 * was cancelled and threw something else has failed.
 *
 * @param accepted connections that were served; not those that arrived with the stop or after it,
 *     which are closed unserved
 * @param finished handlers that returned
 * @param failed handlers that threw anything but a cancellation
 * @param cancelled handlers that ended by cancellation: by the drain limit, for idling, or by
 *     themselves; also those that were cancelled before their start
 */
public record ServeReport(long accepted, long finished, long failed, long cancelled) {
  /** For example {@code 5 connections: 3 finished, 1 failed, 1 cancelled}. */
  @Override
  public String toString() {
    return Counts.of(accepted, "connection", "connections")
        + ": "
        + finished
        + " finished, "
        + failed
        + " failed, "
        + cancelled
        + " cancelled";
  }
}
