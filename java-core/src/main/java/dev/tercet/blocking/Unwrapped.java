package dev.tercet.blocking;

import java.util.Arrays;

/**
 * The result of leaving TLS.
 *
 * @param <T> the type of the transport
 */
public final class Unwrapped<T extends Stream> {
  private final T transportStream;
  private final byte[] trailingBytes;

  /**
   * Makes one.
   *
   * @param transportStream the stream below
   * @param trailingBytes the bytes received beyond TLS; copied
   */
  public Unwrapped(T transportStream, byte[] trailingBytes) {
    this.transportStream = transportStream;
    this.trailingBytes = trailingBytes.clone();
  }

  /**
   * The stream below, still open and now owned by the caller.
   *
   * @return the object that was wrapped
   */
  public T transportStream() {
    return transportStream;
  }

  /**
   * Bytes behind the peer's close_notify. They were received from the transport, and so come before
   * its next bytes.
   *
   * @return a copy; maybe empty
   */
  public byte[] trailingBytes() {
    return trailingBytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Unwrapped<?> that
        && transportStream.equals(that.transportStream)
        && Arrays.equals(trailingBytes, that.trailingBytes);
  }

  @Override
  public int hashCode() {
    return 31 * transportStream.hashCode() + Arrays.hashCode(trailingBytes);
  }

  @Override
  public String toString() {
    return "Unwrapped(" + transportStream + ", " + trailingBytes.length + " trailing bytes)";
  }
}
