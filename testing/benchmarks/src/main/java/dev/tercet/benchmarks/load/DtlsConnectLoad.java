package dev.tercet.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Shakes hands in full, has one byte echoed, and sends close_notify, so many at a time. */
final class DtlsConnectLoad extends DtlsLoad {
  private final LatencyHistogram latencies = new LatencyHistogram();
  private final Window window;
  private final ByteBuffer message = ByteBuffer.allocate(1);
  private long operations;

  private DtlsConnectLoad(int port, Window window) throws IOException {
    super(port);
    this.window = window;
  }

  static String run(int port, int outstanding, Window window) throws IOException {
    try (DtlsConnectLoad load = new DtlsConnectLoad(port, window)) {
      for (int i = 0; i < outstanding; i++) {
        load.open();
      }
      while (!window.hasEnded(System.nanoTime())) {
        load.turn();
      }
      return window.answer(load.operations, load.latencies);
    }
  }

  @Override
  void ready(Client client) throws IOException {
    client.send(message.clear());
  }

  @Override
  void message(Client client, ByteBuffer answer) throws IOException {
    client.close();
    if (window.isOpen()) {
      operations++;
      latencies.add(System.nanoTime() - client.since);
    }
    open();
  }

  @Override
  void silent(Client client) throws IOException {
    client.send(message.clear());
  }
}
