package dev.tercet;

/**
 * How a server went, returned when it was stopped by its {@link StopSignal}. {@code accepted} is
 * the sum of the other three.
 *
 * <p>A handler counts by how it ended. One that was cancelled and returned has finished; one that
 * was cancelled and threw something else has failed.
 *
 * @param accepted connections taken into service; not those that came with the stop or after it,
 *     which are closed unserved
 * @param finished handlers that returned
 * @param failed handlers that threw, save a cancellation
 * @param cancelled handlers that ended by cancellation: by the drain limit, for idling, or by
 *     themselves; also those that were cancelled before they began
 */
public record ServeReport(long accepted, long finished, long failed, long cancelled) {
  /** For example {@code 5 connections: 3 finished, 1 failed, 1 cancelled}. */
  @Override
  public String toString() {
    return accepted
        + (accepted == 1 ? " connection: " : " connections: ")
        + finished
        + " finished, "
        + failed
        + " failed, "
        + cancelled
        + " cancelled";
  }
}
