package dev.tercet.proto.tls;

import java.nio.ByteBuffer;

/** Decrypted bytes in memory that somebody else will use next. */
public final class Plaintext {
  private static final byte[] ZEROS = new byte[1024];

  private Plaintext() {}

  /**
   * Overwrites a buffer, of any kind, from its beginning to its limit.
   *
   * @param buffer its position stays
   */
  public static void wipe(ByteBuffer buffer) {
    for (int at = 0; at < buffer.limit(); at += ZEROS.length) {
      buffer.put(at, ZEROS, 0, Math.min(ZEROS.length, buffer.limit() - at));
    }
  }
}
