package dev.tercet;

import java.net.InetSocketAddress;
import java.util.Objects;

/** A datagram that was received, whole. */
public final class Datagram {
  private final byte[] data;
  private final InetSocketAddress source;

  /**
   * Makes one; public, for custom sockets.
   *
   * @param data the payload, maybe empty; not copied
   * @param source where it came from
   */
  public Datagram(byte[] data, InetSocketAddress source) {
    this.data = Objects.requireNonNull(data, "data");
    this.source = Objects.requireNonNull(source, "source");
  }

  /**
   * The payload.
   *
   * @return the receiver's own array, maybe empty
   */
  public byte[] data() {
    return data;
  }

  /**
   * Where it came from.
   *
   * @return host and port
   */
  public InetSocketAddress source() {
    return source;
  }

  /** For example {@code Datagram(12 bytes from 192.0.2.1:53)}. */
  @Override
  public String toString() {
    return "Datagram(" + data.length + " bytes from " + AddressText.of(source) + ")";
  }
}
