package dev.tercet.testing.simulation;

import dev.tercet.AddressText;
import dev.tercet.proto.AddressKey;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Objects;

/**
 * A datagram on its way, immutable (KIT-F13).
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class Packet {
  private final InetSocketAddress source;
  private final InetSocketAddress destination;
  private final byte[] payload;

  private Packet(InetSocketAddress source, InetSocketAddress destination, byte[] payload) {
    this.source = Objects.requireNonNull(source);
    this.destination = Objects.requireNonNull(destination);
    this.payload = payload;
  }

  /**
   * Makes one.
   *
   * @param source its source address, which may be forged
   * @param destination where it goes
   * @param payload copied
   * @return the packet
   */
  public static Packet of(InetSocketAddress source, InetSocketAddress destination, byte[] payload) {
    return new Packet(source, destination, payload.clone());
  }

  /**
   * Its source address, which may be forged.
   *
   * @return resolved
   */
  public InetSocketAddress source() {
    return source;
  }

  /**
   * Where it goes.
   *
   * @return resolved
   */
  public InetSocketAddress destination() {
    return destination;
  }

  /**
   * What it carries.
   *
   * @return a copy
   */
  public byte[] payload() {
    return payload.clone();
  }

  /**
   * How much it carries.
   *
   * @return bytes, 0 or more
   */
  public int size() {
    return payload.length;
  }

  /**
   * The same from elsewhere.
   *
   * @param source its source address, which may be forged
   * @return a new packet
   */
  public Packet withSource(InetSocketAddress source) {
    return new Packet(source, destination, payload);
  }

  /**
   * The same to elsewhere.
   *
   * @param destination where it goes
   * @return a new packet
   */
  public Packet withDestination(InetSocketAddress destination) {
    return new Packet(source, destination, payload);
  }

  /**
   * The same with something else in it.
   *
   * @param payload copied
   * @return a new packet
   */
  public Packet withPayload(byte[] payload) {
    return new Packet(source, destination, payload.clone());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Packet packet
        && AddressKey.of(source).equals(AddressKey.of(packet.source))
        && AddressKey.of(destination).equals(AddressKey.of(packet.destination))
        && Arrays.equals(payload, packet.payload);
  }

  @Override
  public int hashCode() {
    return Objects.hash(source, destination, Arrays.hashCode(payload));
  }

  @Override
  public String toString() {
    return AddressText.of(source)
        + " -> "
        + AddressText.of(destination)
        + ", "
        + payload.length
        + " bytes";
  }
}
