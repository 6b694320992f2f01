package dev.tercet.blocking;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** Yields pieces, one per receive; between two of them may stand an interrupt. Then the end. */
final class PiecesStream implements ReceiveStream {
  static final byte[] INTERRUPT = new byte[0];

  private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
  boolean closed;

  PiecesStream(byte[]... pieces) {
    for (byte[] piece : pieces) {
      this.pieces.add(piece);
    }
  }

  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    byte[] piece = pieces.poll();
    if (piece == null) {
      return -1;
    }
    if (piece == INTERRUPT) {
      throw new InterruptedException();
    }
    int n = Math.min(piece.length, into.remaining());
    into.put(piece, 0, n);
    if (n < piece.length) {
      pieces.addFirst(java.util.Arrays.copyOfRange(piece, n, piece.length));
    }
    return n;
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public void closeForcefully() {
    closed = true;
  }
}
