package dev.tercet;

/**
 * How a server went, returned when it was stopped by its {@link StopSignal}. {@code accepted} is
 * the sum of the other three.
 *
 * <p>A handler counts by what it did, not by what was asked of it: one that was cancelled and yet
 * returned has finished, and one that was cancelled and threw something else has failed.
 *
 * @param accepted connections taken into service; not those that came with the stop or after it,
 *     which are closed unserved
 * @param finished handlers that returned
 * @param failed handlers that threw, save a cancellation
 * @param cancelled handlers that ended by cancellation: when the drain time was over, for idling,
 *     or by their own doing; and those that were cancelled before they began
 */
public record ServeReport(long accepted, long finished, long failed, long cancelled) {}
