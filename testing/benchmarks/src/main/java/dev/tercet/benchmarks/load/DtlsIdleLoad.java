package dev.tercet.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Clients that have each had one echo, and now do nothing. */
final class DtlsIdleLoad extends DtlsLoad {
  private static final int MESSAGE_BYTES = 200;

  /** More would only wait. */
  private static final int AT_A_TIME = 16;

  private static final long PAUSE_NANOS = 2_000_000;

  private final List<Client> resting = new ArrayList<>();
  private final ByteBuffer message = ByteBuffer.allocate(MESSAGE_BYTES);
  private int toOpen;

  private DtlsIdleLoad(int port, int channels) throws IOException {
    super(port);
    toOpen = channels;
  }

  /** Opens them, and comes back when all have had their echo. */
  static DtlsIdleLoad open(int port, int channels) throws IOException {
    DtlsIdleLoad load = new DtlsIdleLoad(port, channels);
    try {
      for (int i = 0; i < AT_A_TIME; i++) {
        load.openNext();
      }
      while (load.resting.size() < channels) {
        load.turn();
      }
      return load;
    } catch (IOException e) {
      load.close();
      throw e;
    }
  }

  private void openNext() throws IOException {
    if (toOpen > 0) {
      toOpen--;
      open();
    }
  }

  @Override
  void ready(Client client) throws IOException {
    client.send(message.clear());
  }

  @Override
  void message(Client client, ByteBuffer answer) throws IOException {
    client.rest();
    resting.add(client);
    openNext();
  }

  @Override
  void silent(Client client) throws IOException {
    client.send(message.clear());
  }

  @Override
  public void close() throws IOException {
    int closed = 0;
    for (Client client : resting) {
      client.close();
      // Thousands of close_notify alerts at once would find no room in the server's socket.
      if (++closed % AT_A_TIME == 0) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    super.close();
  }
}
