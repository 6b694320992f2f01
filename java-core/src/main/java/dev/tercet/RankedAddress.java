package dev.tercet;

import java.net.InetSocketAddress;

/**
 * An address and its place in the order of a connect.
 *
 * @param address the address
 * @param why the reason for its place: a rule of RFC 6724, the resolver's order, or that it is the
 *     first of its family (spec IO-HV4, IO-HE4)
 */
public record RankedAddress(InetSocketAddress address, String why) {
  /** For example {@code 2001:db8::1 (rule 6: precedence 40 before 35)}. */
  @Override
  public String toString() {
    return AddressText.of(address.getAddress()) + " (" + why + ")";
  }
}
