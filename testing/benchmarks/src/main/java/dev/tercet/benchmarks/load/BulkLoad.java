package dev.tercet.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** One connection, one direction, as fast as it goes; an operation is a byte. */
final class BulkLoad {
  private static final int BUFFER_BYTES = 65536;

  private BulkLoad() {}

  /** Receives from a server that sends, or sends to one that receives. */
  static String run(int port, boolean isServerSending, Window window) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    long bytes = 0;
    try (SocketChannel channel = SocketChannel.open(Generator.loopback(port))) {
      while (!window.hasEnded(System.nanoTime())) {
        buffer.clear();
        int moved = isServerSending ? channel.read(buffer) : channel.write(buffer);
        if (moved == -1) {
          throw new EOFException("the server ended the connection");
        }
        if (window.isOpen()) {
          bytes += moved;
        }
      }
    }
    return window.answer(bytes, new LatencyHistogram());
  }
}
