package dev.tercet;

/** Which addresses of a name are wanted. */
public enum AddressFamily {
  /** Both. */
  ANY,
  /** IPv4 only. */
  IPV4,
  /** IPv6 only. */
  IPV6
}
