package dev.tercet.blocking;

/**
 * Two sockets that are connected with each other.
 *
 * @param left one end
 * @param right the other
 */
public record SocketPair(StreamSocket left, StreamSocket right) {}
