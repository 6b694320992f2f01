package dev.tercet.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AddressKeyTest {
  private static InetSocketAddress at(String literal, int zone, int port)
      throws UnknownHostException {
    byte[] bytes = InetAddress.getByName(literal).getAddress();
    return new InetSocketAddress(Inet6Address.getByAddress(null, bytes, zone), port);
  }

  @Test
  @DisplayName(
      "DTLS-A16 a link-local address on another link is another one, though the JDK says not")
  void zones() throws Exception {
    InetSocketAddress one = at("fe80::1", 1, 7);
    InetSocketAddress two = at("fe80::1", 2, 7);
    assertEquals(one, two, "the reason of all this");
    assertNotEquals(AddressKey.of(one), AddressKey.of(two));
    assertNotEquals(AddressKey.of(one.getAddress()), AddressKey.of(two.getAddress()));
    assertEquals(AddressKey.of(one), AddressKey.of(at("fe80::1", 1, 7)));
    assertNotEquals(AddressKey.of(one), AddressKey.of(at("fe80::1", 1, 8)));
    assertNotEquals(AddressKey.of(one), AddressKey.of(at("fe80::2", 1, 7)));
    assertNotEquals(AddressKey.of(at("ff02::1", 1, 7)), AddressKey.of(at("ff02::1", 2, 7)));
  }

  @Test
  @DisplayName("DTLS-A16 a global address has no zone, whatever is written behind it")
  void global() throws Exception {
    InetSocketAddress bare = new InetSocketAddress(InetAddress.getByName("2001:db8::1"), 7);
    assertEquals(AddressKey.of(bare), AddressKey.of(at("2001:db8::1", 3, 7)));
    InetSocketAddress v4 = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 7);
    assertEquals(0, AddressKey.of(v4).zone());
  }

  @Test
  @DisplayName("DTLS-A16 an address without a zone is the one of the link at hand")
  void same() throws Exception {
    assertTrue(AddressKey.isSame(at("fe80::1", 1, 7), at("fe80::1", 0, 7)));
    assertTrue(AddressKey.isSame(at("fe80::1", 0, 7), at("fe80::1", 1, 7)));
    assertTrue(AddressKey.isSame(at("fe80::1", 1, 7), at("fe80::1", 1, 7)));
    assertFalse(AddressKey.isSame(at("fe80::1", 1, 7), at("fe80::1", 2, 7)));
    assertFalse(AddressKey.isSame(at("fe80::1", 1, 7), at("fe80::1", 1, 8)));
  }
}
