package dev.tercet.blocking;

/**
 * Two streams that are connected with each other.
 *
 * @param left one end
 * @param right the other
 */
public record StreamPair(SocketStream left, SocketStream right) {}
