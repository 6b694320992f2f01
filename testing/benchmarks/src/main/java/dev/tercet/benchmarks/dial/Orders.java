package dev.tercet.benchmarks.dial;

import dev.tercet.benchmarks.contender.Contender;
import dev.tercet.benchmarks.contender.Work;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;

/**
 * Takes orders: where to connect, and how many connections at a time. An order holds until the one
 * who gave it ends his side; when the last connection is closed, we end ours.
 */
public final class Orders implements Contender {
  private final Dialler dialler;

  /**
   * Makes a contender.
   *
   * @param dialler carries out the orders
   */
  public Orders(Dialler dialler) {
    this.dialler = dialler;
  }

  /** An order. */
  public static final class Order {
    private final int port;
    private final CountDownLatch running;
    private volatile boolean hasEnded;

    private Order(int port, int outstanding) {
      this.port = port;
      this.running = new CountDownLatch(outstanding);
    }

    /**
     * Where to connect.
     *
     * @return the port, the same for all addresses
     */
    public int port() {
      return port;
    }

    /**
     * Whether to go on.
     *
     * @return true when no further connection is wanted
     */
    public boolean hasEnded() {
      return hasEnded;
    }

    /** One of those that connect has closed its last connection. */
    public void done() {
      running.countDown();
    }
  }

  @Override
  public int serve(Work work) throws IOException {
    InetSocketAddress address = Contender.anyPort();
    ServerSocket listener = new ServerSocket(0, 1, address.getAddress());
    Thread thread = new Thread(() -> run(listener), "bench-orders");
    thread.setDaemon(true);
    thread.start();
    return listener.getLocalPort();
  }

  private void run(ServerSocket listener) {
    try {
      while (true) {
        try (Socket socket = listener.accept();
            var in =
                new BufferedReader(
                    new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))) {
          carryOut(in);
        }
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("no more orders", e);
    }
  }

  private void carryOut(BufferedReader in) throws IOException, InterruptedException {
    String line = in.readLine();
    if (line == null) {
      return;
    }
    String[] words = line.split(" ", -1);
    int outstanding = Integer.parseInt(words[1]);
    Order order = new Order(Integer.parseInt(words[0]), outstanding);
    for (int i = 0; i < outstanding; i++) {
      dialler.start(order);
    }
    while (in.readLine() != null) {}
    order.hasEnded = true;
    order.running.await();
  }
}
