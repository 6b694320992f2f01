package dev.tercet.benchmarks.load;

import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Channels that are opened first, and then send and are answered in turns until the window is over.
 * Each begins again when it has its answer, or when none comes.
 */
abstract class DtlsExchangeLoad extends DtlsLoad {
  private final LatencyHistogram latencies = new LatencyHistogram();

  /** Null until all channels are open. */
  private @Nullable Window window;

  private long operations;

  DtlsExchangeLoad(int port) throws IOException {
    super(port);
  }

  final String run(int channels, Supplier<Window> toCome) throws IOException {
    List<Client> clients = openAll(channels);
    Window opened = toCome.get();
    window = opened;
    for (Client client : clients) {
      begin(client);
    }
    while (!opened.hasEnded(System.nanoTime())) {
      turn();
    }
    return opened.answer(operations, latencies);
  }

  /** Sends what will be answered. */
  abstract void begin(Client client) throws IOException;

  /** An answer was received, to what was sent at that time. */
  final void answered(Client client, long since, int operations) throws IOException {
    if (window != null && window.isOpen()) {
      this.operations += operations;
      latencies.add(System.nanoTime() - since);
    }
    begin(client);
  }

  @Override
  final void ready(Client client) {}

  @Override
  final void silent(Client client) throws IOException {
    // The others may still shake hands.
    if (window != null) {
      begin(client);
    }
  }
}
