package dev.tercet.proto.connect;

import java.net.InetAddress;

/**
 * An address at its place in the order of attempts.
 *
 * @param address where to
 * @param why what gave it this place, in words
 */
public record Candidate(InetAddress address, String why) {}
