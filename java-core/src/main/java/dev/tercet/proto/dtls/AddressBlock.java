package dev.tercet.proto.dtls;

import dev.tercet.proto.AddressKey;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * The addresses that one host can have at no cost: an IPv4 address, or all of an IPv6 /64, which is
 * the smallest network that hosts are given (RFC 6177). Limits per address count these.
 *
 * @param prefix the IPv4 address, or the first 64 bits of the IPv6 address
 * @param isIpv4 which
 * @param zone of a link-local address: another link is another network (RFC 4007); else 0
 */
record AddressBlock(long prefix, boolean isIpv4, int zone) {
  static AddressBlock of(InetAddress address) {
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address inet6
        ? new AddressBlock(ByteBuffer.wrap(bytes).getLong(), false, AddressKey.zoneOf(inet6))
        : new AddressBlock(ByteBuffer.wrap(bytes).getInt(), true, 0);
  }
}
