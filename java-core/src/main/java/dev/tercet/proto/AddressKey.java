package dev.tercet.proto;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * An address as the key of a table, zone included.
 *
 * <p>To {@link InetAddress} and {@link InetSocketAddress} a link-local IPv6 address is the same on
 * every link, so {@code fe80::1%eth0} equals {@code fe80::1%eth1}; they are addresses of two hosts
 * (RFC 4007). No table and no comparison may use their {@code equals}.
 *
 * <p>The zone counts only where it tells addresses apart. A global address may have been written
 * with one, and the system gives it out without.
 *
 * @param address which, compared without its zone
 * @param zone the number of the interface of a link-local address; 0 for none
 * @param port 0 for a host
 */
public record AddressKey(InetAddress address, int zone, int port) {
  /**
   * The key of a socket address.
   *
   * @param address resolved
   * @return zone included
   */
  public static AddressKey of(InetSocketAddress address) {
    return new AddressKey(address.getAddress(), zoneOf(address.getAddress()), address.getPort());
  }

  /**
   * The key of a host.
   *
   * @return zone included
   */
  public static AddressKey of(InetAddress address) {
    return new AddressKey(address, zoneOf(address), 0);
  }

  /**
   * The zone of an address.
   *
   * @return the number of an interface; 0 where a zone does not matter or none is given
   */
  public static int zoneOf(InetAddress address) {
    return address instanceof Inet6Address inet6
            && (inet6.isLinkLocalAddress() || inet6.isMCLinkLocal())
        ? inet6.getScopeId()
        : 0;
  }

  /**
   * Whether two addresses can be the same: a link-local one without a zone is the one of the link
   * at hand.
   *
   * @param one resolved
   * @param other resolved
   * @return false when address, port or a zone that both have differs
   */
  public static boolean isSame(InetSocketAddress one, InetSocketAddress other) {
    int zone = zoneOf(one.getAddress());
    int otherZone = zoneOf(other.getAddress());
    return one.equals(other) && (zone == otherZone || zone == 0 || otherZone == 0);
  }
}
