package dev.tercet;

/**
 * How a server went, returned when it was stopped by its {@link StopSignal}. {@code accepted} is
 * the sum of the other three.
 *
 * @param accepted connections taken
 * @param finished handlers that returned
 * @param failed handlers that threw
 * @param cancelled handlers that were cancelled: when the drain time was over, for idling, or by
 *     their own doing
 */
public record ServeReport(long accepted, long finished, long failed, long cancelled) {}
