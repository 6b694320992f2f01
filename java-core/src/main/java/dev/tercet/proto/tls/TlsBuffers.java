package dev.tercet.proto.tls;

import java.nio.ByteBuffer;

/** Where a machine gets memory for its output, so that idle connections can do without. */
public interface TlsBuffers {
  /**
   * Lends a buffer.
   *
   * @param atLeast how many bytes it must have room for
   * @return empty, writable, big-endian; not in use by anybody else
   */
  ByteBuffer take(int atLeast);

  /**
   * Takes a buffer back.
   *
   * @param buffer one that was lent, and that nobody uses any more
   */
  void giveBack(ByteBuffer buffer);
}
