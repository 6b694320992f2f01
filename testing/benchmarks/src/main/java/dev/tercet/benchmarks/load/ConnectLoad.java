package dev.tercet.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Connects, has one byte echoed and closes, so many at a time.
 *
 * <p>We close first, so the connections stay in TIME_WAIT on our side, and one address has only
 * some 28,000 ports: on Linux, where all of 127/8 is ours, each connection takes the next of
 * sixteen addresses.
 */
final class ConnectLoad {
  private static final int ADDRESSES =
      System.getProperty("os.name", "").startsWith("Linux") ? 16 : 1;

  private final Selector selector;
  private final InetSocketAddress server;
  private final Window window;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(1);
  private final LatencyHistogram latencies = new LatencyHistogram();
  private final List<IOException> failures = new ArrayList<>();
  private int address;
  private long operations;

  private ConnectLoad(Selector selector, InetSocketAddress server, Window window) {
    this.selector = selector;
    this.server = server;
    this.window = window;
  }

  static String run(int port, int outstanding, Window window) throws IOException {
    try (Selector selector = Selector.open()) {
      ConnectLoad load = new ConnectLoad(selector, Generator.loopback(port), window);
      try {
        for (int i = 0; i < outstanding; i++) {
          load.connect();
        }
        while (!window.hasEnded(System.nanoTime())) {
          selector.select(load::turn, 100);
          if (!load.failures.isEmpty()) {
            throw load.failures.get(0);
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

  private void connect() throws IOException {
    long now = System.nanoTime();
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    if (ADDRESSES > 1) {
      address = (address + 1) % ADDRESSES;
      byte[] bytes = {127, 0, 0, (byte) (address + 1)};
      channel.bind(new InetSocketAddress(InetAddress.getByAddress(bytes), 0));
    }
    if (channel.connect(server)) {
      send(channel);
      channel.register(selector, SelectionKey.OP_READ, now);
    } else {
      channel.register(selector, SelectionKey.OP_CONNECT, now);
    }
  }

  private void send(SocketChannel channel) throws IOException {
    channel.write(buffer.clear());
  }

  private void turn(SelectionKey key) {
    SocketChannel channel = (SocketChannel) key.channel();
    try {
      if (key.isConnectable()) {
        channel.finishConnect();
        send(channel);
        key.interestOps(SelectionKey.OP_READ);
        return;
      }
      if (channel.read(buffer.clear()) == -1) {
        throw new EOFException("the server ended the connection");
      }
      channel.close();
      if (window.isOpen()) {
        operations++;
        latencies.add(System.nanoTime() - (Long) key.attachment());
      }
      connect();
    } catch (IOException e) {
      failures.add(e);
      key.cancel();
    }
  }
}
