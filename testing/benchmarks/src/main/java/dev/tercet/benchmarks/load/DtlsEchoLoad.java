package dev.tercet.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Ping-pong of datagrams: each client sends a message when it has the last one back. */
final class DtlsEchoLoad extends DtlsLoad {
  private final LatencyHistogram latencies = new LatencyHistogram();
  private @Nullable Window window;
  private final ByteBuffer message;
  private long operations;

  private DtlsEchoLoad(int port, int bytes) throws IOException {
    super(port);
    message = ByteBuffer.allocate(bytes);
  }

  static String run(int port, int channels, int bytes, Supplier<Window> toCome) throws IOException {
    try (DtlsEchoLoad load = new DtlsEchoLoad(port, bytes)) {
      List<Client> clients = load.openAll(channels);
      Window window = toCome.get();
      load.window = window;
      for (Client client : clients) {
        load.ping(client);
      }
      while (!window.hasEnded(System.nanoTime())) {
        load.turn();
      }
      return window.answer(load.operations, load.latencies);
    }
  }

  @Override
  void ready(Client client) {}

  @Override
  void message(Client client, ByteBuffer answer) throws IOException {
    if (answer.remaining() != message.capacity()) {
      throw new IOException(
          "sent " + message.capacity() + " bytes, received " + answer.remaining());
    }
    if (window != null && window.isOpen()) {
      operations++;
      latencies.add(System.nanoTime() - answer.getLong(0));
    }
    ping(client);
  }

  @Override
  void silent(Client client) throws IOException {
    // The others may still shake hands.
    if (window != null) {
      ping(client);
    }
  }

  private void ping(Client client) throws IOException {
    client.send(message.clear().putLong(0, System.nanoTime()));
  }
}
