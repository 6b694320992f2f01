package dev.tercet.net;

import dev.tercet.socket.SocketStream;

/**
 * Two streams that are connected with each other.
 *
 * @param left one end
 * @param right the other
 */
public record StreamPair(SocketStream left, SocketStream right) {}
