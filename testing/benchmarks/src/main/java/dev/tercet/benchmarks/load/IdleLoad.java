package dev.tercet.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/** Connections that have each had one echo, and now do nothing. */
final class IdleLoad {
  private static final int MESSAGE_BYTES = 64;

  private final List<SocketChannel> channels = new ArrayList<>();

  /** Opens more of them. */
  void open(int port, int connections) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(MESSAGE_BYTES);
    for (int i = 0; i < connections; i++) {
      SocketChannel channel = SocketChannel.open(Generator.loopback(port));
      channels.add(channel);
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.write(buffer.clear());
      buffer.clear();
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) == -1) {
          throw new EOFException("the server ended connection " + channels.size());
        }
      }
    }
  }

  /** Closes all that are open. */
  void close() throws IOException {
    for (SocketChannel channel : channels) {
      channel.close();
    }
    channels.clear();
  }
}
