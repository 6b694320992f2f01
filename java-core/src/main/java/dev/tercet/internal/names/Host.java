package dev.tercet.internal.names;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A host as an argument: an IP address, or a name that a resolver can be asked for. Made before any
 * I/O; what is neither is refused here.
 *
 * @param text what the caller wrote
 * @param address of a literal; null for a name
 * @param name in ASCII; the caller's text for a literal
 */
public record Host(String text, @Nullable InetAddress address, String name) {
  /**
   * Reads a host.
   *
   * @param text a name or an IP literal, IPv6 without brackets
   * @throws IllegalArgumentException when it is neither; says why
   */
  public static Host parse(String text) {
    InetAddress address = IpLiteral.parse(text);
    return new Host(text, address, address == null ? HostName.toAscii(text) : text);
  }
}
