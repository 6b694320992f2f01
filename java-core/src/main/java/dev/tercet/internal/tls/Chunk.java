package dev.tercet.internal.tls;

/** What was received into memory that is found only when there is something. */
public final class Chunk {
  private byte[] bytes = {};

  /** Makes an empty one. */
  public Chunk() {}

  /**
   * What was received.
   *
   * @return empty at the end
   */
  public byte[] bytes() {
    return bytes;
  }

  void set(byte[] received) {
    bytes = received;
  }
}
