package dev.tercet.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/** Ping-pong of datagrams: each client sends a message when it has the last one back. */
final class DtlsEchoLoad extends DtlsExchangeLoad {
  private final ByteBuffer message;

  private DtlsEchoLoad(int port, int bytes) throws IOException {
    super(port);
    message = ByteBuffer.allocate(bytes);
  }

  static String run(int port, int channels, int bytes, Supplier<Window> toCome) throws IOException {
    try (DtlsEchoLoad load = new DtlsEchoLoad(port, bytes)) {
      return load.run(channels, toCome);
    }
  }

  @Override
  void message(Client client, ByteBuffer answer) throws IOException {
    if (answer.remaining() != message.capacity()) {
      throw new IOException(
          "sent " + message.capacity() + " bytes, received " + answer.remaining());
    }
    answered(client, answer.getLong(0), 1);
  }

  @Override
  void begin(Client client) throws IOException {
    client.send(message.clear().putLong(0, System.nanoTime()));
  }
}
