package dev.tercet.benchmarks.load;

import dev.tercet.benchmarks.tls.BenchContexts;
import dev.tercet.benchmarks.tls.EngineConnection;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Connects, has one byte echoed and closes, so many at a time; over TLS each with a handshake of
 * its own, and none that resumes.
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

  /** Null for none. */
  private final @Nullable SSLContext context;

  /** Room for a record. */
  private final ByteBuffer plaintext = ByteBuffer.allocate(20_000);

  private int address;
  private long begun;
  private long operations;

  private static final class Visit {
    final long since = System.nanoTime();
    @Nullable EngineConnection tls;
    boolean hasAsked;
  }

  private ConnectLoad(
      Selector selector, InetSocketAddress server, Window window, @Nullable SSLContext context) {
    this.selector = selector;
    this.server = server;
    this.window = window;
    this.context = context;
  }

  static String run(int port, int outstanding, Window window) throws IOException {
    return run(port, outstanding, window, null);
  }

  static String runTls(int port, int outstanding, Window window) throws IOException {
    return run(port, outstanding, window, BenchContexts.client());
  }

  private static String run(int port, int outstanding, Window window, @Nullable SSLContext context)
      throws IOException {
    try (Selector selector = Selector.open()) {
      ConnectLoad load = new ConnectLoad(selector, Generator.loopback(port), window, context);
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
    Visit visit = new Visit();
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    // Or the byte behind a handshake's last flight would wait for the acknowledgement of that one.
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    if (ADDRESSES > 1) {
      address = (address + 1) % ADDRESSES;
      byte[] bytes = {127, 0, 0, (byte) (address + 1)};
      channel.bind(new InetSocketAddress(InetAddress.getByAddress(bytes), 0));
    }
    SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT, visit);
    if (channel.connect(server)) {
      connected(key, channel, visit);
    }
  }

  private void connected(SelectionKey key, SocketChannel channel, Visit visit) throws IOException {
    key.interestOps(SelectionKey.OP_READ);
    if (context != null) {
      visit.tls = EngineConnection.client(channel, context, begun++);
      visit.tls.shakeHands();
    } else {
      channel.write(buffer.clear());
    }
  }

  private void turn(SelectionKey key) {
    SocketChannel channel = (SocketChannel) key.channel();
    Visit visit = (Visit) key.attachment();
    try {
      if (key.isConnectable()) {
        channel.finishConnect();
        connected(key, channel, visit);
        return;
      }
      int n = visit.tls == null ? channel.read(buffer.clear()) : ask(visit, visit.tls);
      if (n == 0) {
        return;
      }
      if (n == -1) {
        throw new EOFException("the server ended the connection");
      }
      if (visit.tls != null) {
        visit.tls.close();
      }
      channel.close();
      if (window.isOpen()) {
        operations++;
        latencies.add(System.nanoTime() - visit.since);
      }
      connect();
    } catch (IOException e) {
      failures.add(e);
      key.cancel();
    }
  }

  private int ask(Visit visit, EngineConnection tls) throws IOException {
    if (!tls.shakeHands()) {
      return 0;
    }
    if (!visit.hasAsked) {
      visit.hasAsked = true;
      tls.write(buffer.clear());
    }
    return tls.read(plaintext.clear());
  }
}
