package dev.tercet.proto.connect;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * An address of the host, and the address that this machine would reach it from.
 *
 * @param address of the host
 * @param source of this machine; null when there is no way from here to there, or when it was not
 *     asked because there is nothing to choose
 */
public record Destination(InetAddress address, @Nullable InetAddress source) {}
