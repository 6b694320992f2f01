package dev.tercet.benchmarks.load;

import dev.tercet.benchmarks.tls.BenchContexts;
import dev.tercet.benchmarks.tls.EngineConnection;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** {@link BulkLoad} over TLS; an operation is a byte of the plaintext. */
final class TlsBulkLoad {
  private static final int BUFFER_BYTES = 65536;

  private TlsBulkLoad() {}

  static String run(int port, boolean isServerSending, Window window) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    long bytes = 0;
    try (SocketChannel channel = SocketChannel.open(Generator.loopback(port));
        EngineConnection tls = EngineConnection.client(channel, BenchContexts.client(), 0)) {
      while (!tls.shakeHands()) {}
      while (!window.hasEnded(System.nanoTime())) {
        buffer.clear();
        int moved = isServerSending ? tls.read(buffer) : tls.write(buffer);
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
