package dev.tercet.tls;

/**
 * The limits of a DTLS endpoint (spec DTLS-L6). Immutable.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class DtlsLimits {
  private static final int DEFAULT_INCOMING_PACKETS = 10;

  /** A handshake holds a thread, platform threads on old JVMs, and some 50 KB. */
  private static final int DEFAULT_HALF_OPEN = 1000;

  /** As many ports as one address has. */
  private static final int DEFAULT_ASSOCIATIONS = 65_536;

  /** 10 packets for each channel, 1000 handshakes at a time, 65536 associations. */
  public static final DtlsLimits DEFAULT =
      new DtlsLimits(DEFAULT_INCOMING_PACKETS, DEFAULT_HALF_OPEN, DEFAULT_ASSOCIATIONS);

  private final int incomingPacketsBuffer;
  private final int maxHalfOpen;
  private final int maxAssociations;

  private DtlsLimits(int incomingPacketsBuffer, int maxHalfOpen, int maxAssociations) {
    this.incomingPacketsBuffer = incomingPacketsBuffer;
    this.maxHalfOpen = maxHalfOpen;
    this.maxAssociations = maxAssociations;
  }

  /**
   * Sets how many received messages a channel buffers. When the buffer is full, the newest is
   * dropped.
   *
   * @param packets 1 or more, 10 by default; packets, not bytes, and for each channel
   * @return a copy
   * @throws IllegalArgumentException when it is less than 1
   */
  public DtlsLimits withIncomingPacketsBuffer(int packets) {
    return new DtlsLimits(
        atLeastOne(packets, "incomingPacketsBuffer"), maxHalfOpen, maxAssociations);
  }

  /**
   * Sets how many associations may be in their handshake at a time, also those without a handler so
   * far. One IPv4 address, or one IPv6 /64, has at most a quarter of them, or 16 if that is more.
   * At the limit, a silent peer is evicted for a new one: after a second if it has never answered,
   * after ten if it has. If there is no such peer, a new ClientHello is dropped; its sender repeats
   * it.
   *
   * @param handshakes 1 or more, 1000 by default
   * @return a copy
   * @throws IllegalArgumentException when it is less than 1
   */
  public DtlsLimits withMaxHalfOpen(int handshakes) {
    return new DtlsLimits(
        incomingPacketsBuffer, atLeastOne(handshakes, "maxHalfOpen"), maxAssociations);
  }

  /**
   * Sets the maximum number of all associations. At the limit, a new ClientHello is dropped, unless
   * a peer in its handshake can be evicted. Associations of peers that vanish without a
   * close_notify stay until their handler ends: {@code withIdleTimeout} of {@code ServeOptions}
   * ends them.
   *
   * @param associations 1 or more, 65536 by default
   * @return a copy
   * @throws IllegalArgumentException when it is less than 1
   */
  public DtlsLimits withMaxAssociations(int associations) {
    return new DtlsLimits(
        incomingPacketsBuffer, maxHalfOpen, atLeastOne(associations, "maxAssociations"));
  }

  /**
   * How many received messages a channel buffers.
   *
   * @return 1 or more
   */
  public int incomingPacketsBuffer() {
    return incomingPacketsBuffer;
  }

  /**
   * How many associations may be in their handshake at a time.
   *
   * @return 1 or more
   */
  public int maxHalfOpen() {
    return maxHalfOpen;
  }

  /**
   * The maximum number of associations.
   *
   * @return 1 or more
   */
  public int maxAssociations() {
    return maxAssociations;
  }

  private static int atLeastOne(int value, String name) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, not " + value);
    }
    return value;
  }

  @Override
  public String toString() {
    return "DtlsLimits(incomingPacketsBuffer="
        + incomingPacketsBuffer
        + ", maxHalfOpen="
        + maxHalfOpen
        + ", maxAssociations="
        + maxAssociations
        + ")";
  }
}
