package dev.tercet.proto.dtls;

/**
 * How long the datagrams of the handshake may be.
 *
 * <p>Nobody tells us what the path carries: a datagram that is too long is lost like any other. So
 * the second loss of one flight is taken as a hint, and the flight is packed for what every path
 * carries (spec DTLS-E6): 576 bytes for IPv4, 1280 for IPv6, less the headers. Falling back costs
 * little, so it is not taken back. It is about the handshake only: what users may send is what they
 * have set (spec DTLS-E7).
 *
 * <p>Not thread-safe; the session owns it.
 */
public final class HandshakeMtu {
  /** An Ethernet frame less the headers of IPv4 and UDP. */
  public static final int DEFAULT_IPV4_BYTES = 1500 - 28;

  /** An Ethernet frame less the headers of IPv6 and UDP. */
  public static final int DEFAULT_IPV6_BYTES = 1500 - 48;

  /** What every IPv4 path carries. */
  public static final int MINIMUM_IPV4_BYTES = 576 - 28;

  /** What every IPv6 path carries. */
  public static final int MINIMUM_IPV6_BYTES = 1280 - 48;

  private static final int TRANSMISSIONS_BEFORE_FALLBACK = 2;

  private final int minimumBytes;
  private int bytes;

  /** Begins with what is set. */
  public HandshakeMtu(int bytes, int minimumBytes) {
    this.bytes = bytes;
    this.minimumBytes = minimumBytes;
  }

  /**
   * The longest datagram of now.
   *
   * @return without the headers of UDP and IP
   */
  public int bytes() {
    return bytes;
  }

  /** Takes the user's word. */
  public void set(int bytes) {
    this.bytes = bytes;
  }

  /**
   * Notes that a flight was not answered in time.
   *
   * @param transmissions how often it has gone out
   * @return whether datagrams are shorter from now on
   */
  public boolean unanswered(int transmissions) {
    if (transmissions != TRANSMISSIONS_BEFORE_FALLBACK || bytes <= minimumBytes) {
      return false;
    }
    bytes = minimumBytes;
    return true;
  }
}
