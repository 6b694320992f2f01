package dev.tercet;

/** The requested family of addresses. */
public enum AddressFamily {
  /** Both. */
  ANY,
  /** IPv4 only. */
  IPV4,
  /** IPv6 only. */
  IPV6
}
