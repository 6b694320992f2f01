package dev.tercet.benchmarks.load;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The other way round: the contender connects, and we are what it connects to. It is told where by
 * a line on its port, and goes on until that connection ends. Each of its connections gets a byte,
 * and is over when the contender has closed it. An operation is such a connection.
 *
 * <p>The contender closes first, so its ports would stay in TIME_WAIT, of which there are only some
 * 28,000: we answer its end with a reset.
 */
final class DialLoad {
  private static final int BACKLOG = 4096;
  private static final int MAX_PORTS_TAKEN = 100;

  private final Selector selector;
  private final Window window;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(16);
  private final LatencyHistogram latencies = new LatencyHistogram();
  private final List<IOException> failures = new ArrayList<>();
  private long operations;

  private DialLoad(Selector selector, Window window) {
    this.selector = selector;
    this.window = window;
  }

  static String run(int port, int outstanding, Window window) throws IOException {
    try (Selector selector = Selector.open()) {
      DialLoad load = new DialLoad(selector, window);
      try {
        int target = load.listen();
        try (SocketChannel orders = SocketChannel.open(Generator.loopback(port))) {
          String order = target + " " + outstanding + "\n";
          orders.write(ByteBuffer.wrap(order.getBytes(StandardCharsets.US_ASCII)));
          while (!window.hasEnded(System.nanoTime())) {
            load.turn(100);
          }
          orders.shutdownOutput();
          // It says that it is done by closing, too; until then it may still connect.
          orders.configureBlocking(false).register(selector, SelectionKey.OP_READ);
          while (orders.isOpen()) {
            load.turn(100);
          }
        }
        return window.answer(load.operations, load.latencies);
      } finally {
        for (SelectionKey key : selector.keys()) {
          key.channel().close();
        }
      }
    }
  }

  /** What is free at the first address may be taken at another: then another port. */
  private int listen() throws IOException {
    for (int tries = 0; ; tries++) {
      try {
        return listenOnOnePort();
      } catch (BindException taken) {
        if (tries == MAX_PORTS_TAKEN) {
          throw taken;
        }
      }
    }
  }

  /** The same port of all addresses. */
  private int listenOnOnePort() throws IOException {
    List<ServerSocketChannel> listeners = new ArrayList<>();
    try {
      int port = 0;
      for (InetAddress address : DialTargets.addresses()) {
        ServerSocketChannel listener = ServerSocketChannel.open();
        listeners.add(listener);
        listener.bind(new InetSocketAddress(address, port), BACKLOG).configureBlocking(false);
        port = listener.socket().getLocalPort();
      }
      for (ServerSocketChannel listener : listeners) {
        listener.register(selector, SelectionKey.OP_ACCEPT);
      }
      return port;
    } catch (IOException e) {
      for (ServerSocketChannel listener : listeners) {
        listener.close();
      }
      throw e;
    }
  }

  private void turn(long millis) throws IOException {
    selector.select(this::look, millis);
    if (!failures.isEmpty()) {
      throw failures.get(0);
    }
  }

  private void look(SelectionKey key) {
    try {
      if (key.isAcceptable()) {
        accept((ServerSocketChannel) key.channel());
      } else {
        end(key);
      }
    } catch (IOException e) {
      failures.add(e);
      key.cancel();
    }
  }

  private void accept(ServerSocketChannel listener) throws IOException {
    SocketChannel channel = listener.accept();
    if (channel != null) {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      channel.register(selector, SelectionKey.OP_READ, System.nanoTime());
      channel.write(buffer.clear().limit(1));
    }
  }

  private void end(SelectionKey key) throws IOException {
    SocketChannel channel = (SocketChannel) key.channel();
    if (channel.read(buffer.clear()) != -1) {
      return;
    }
    channel.close();
    if (window.isOpen() && key.attachment() instanceof Long since) {
      operations++;
      latencies.add(System.nanoTime() - since);
    }
  }
}
