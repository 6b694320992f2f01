package dev.tercet.proto.connect;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * What RFC 6724 says about single addresses: the default policy table (section 2.1) and the scopes
 * (section 3). IPv4 addresses are looked at in their IPv4-mapped form, {@code ::ffff:a.b.c.d}, but
 * for their scopes, which have rules of their own (section 3.2).
 */
final class AddressPolicy {
  static final int LINK_LOCAL = 0x2;
  static final int SITE_LOCAL = 0x5;
  static final int GLOBAL = 0xe;

  /** A line of the policy table. */
  static final class Entry {
    private final byte[] prefix;
    private final int prefixBits;
    private final int precedence;
    private final int label;

    private Entry(byte[] prefix, int prefixBits, int precedence, int label) {
      this.prefix = prefix;
      this.prefixBits = prefixBits;
      this.precedence = precedence;
      this.label = label;
    }

    private boolean matches(byte[] address) {
      return commonBits(prefix, address) >= prefixBits;
    }

    int precedence() {
      return precedence;
    }

    int label() {
      return label;
    }
  }

  /** Longest prefix first, so that the first match is the one that counts. */
  private static final Entry[] TABLE = {
    entry(128, 50, 0, 0, 0, 0, 0, 0, 0, 0, 1), // ::1, loopback
    entry(96, 35, 4, 0, 0, 0, 0, 0, 0xffff, 0, 0), // ::ffff:0:0, IPv4
    entry(96, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0), // ::, IPv4-compatible, long deprecated
    entry(32, 5, 5, 0x2001, 0, 0, 0, 0, 0, 0, 0), // Teredo
    entry(16, 30, 2, 0x2002, 0, 0, 0, 0, 0, 0, 0), // 6to4
    entry(16, 1, 12, 0x3ffe, 0, 0, 0, 0, 0, 0, 0), // 6bone, returned
    entry(10, 1, 11, 0xfec0, 0, 0, 0, 0, 0, 0, 0), // site-local, deprecated
    entry(7, 3, 13, 0xfc00, 0, 0, 0, 0, 0, 0, 0), // unique local
    entry(0, 40, 1, 0, 0, 0, 0, 0, 0, 0, 0), // all other IPv6
  };

  private AddressPolicy() {}

  private static Entry entry(int prefixBits, int precedence, int label, int... groups) {
    byte[] prefix = new byte[16];
    for (int i = 0; i < 8; i++) {
      prefix[2 * i] = (byte) (groups[i] >> 8);
      prefix[2 * i + 1] = (byte) groups[i];
    }
    return new Entry(prefix, prefixBits, precedence, label);
  }

  /** The line of the table that an address falls under; the last one matches all. */
  static Entry entryOf(InetAddress address) {
    byte[] bytes = sixteenBytes(address);
    for (Entry entry : TABLE) {
      if (entry.matches(bytes)) {
        return entry;
      }
    }
    throw new AssertionError(address);
  }

  /** How far an address is valid; larger is further. */
  static int scope(InetAddress address) {
    if (address instanceof Inet4Address) {
      return address.isLoopbackAddress() || address.isLinkLocalAddress() ? LINK_LOCAL : GLOBAL;
    }
    if (address.isMulticastAddress()) {
      return address.getAddress()[1] & 0xf;
    }
    if (address.isLoopbackAddress() || address.isLinkLocalAddress()) {
      return LINK_LOCAL;
    }
    return address.isSiteLocalAddress() ? SITE_LOCAL : GLOBAL;
  }

  static String scopeName(int scope) {
    return switch (scope) {
      case LINK_LOCAL -> "link-local";
      case SITE_LOCAL -> "site-local";
      case GLOBAL -> "global";
      default -> "multicast scope " + scope;
    };
  }

  /** How many leading bits two addresses of the same length share. */
  static int commonBits(byte[] one, byte[] other) {
    for (int i = 0; i < one.length; i++) {
      int difference = (one[i] ^ other[i]) & 0xff;
      if (difference != 0) {
        return 8 * i + Integer.numberOfLeadingZeros(difference) - 24;
      }
    }
    return 8 * one.length;
  }

  private static byte[] sixteenBytes(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length == 16) {
      return bytes;
    }
    byte[] mapped = new byte[16];
    mapped[10] = (byte) 0xff;
    mapped[11] = (byte) 0xff;
    System.arraycopy(bytes, 0, mapped, 12, 4);
    return mapped;
  }
}
