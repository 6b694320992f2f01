package dev.tercet.benchmarks.load;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Ping-pong on many connections: each sends a message when it has the last one back, whole. The
 * window comes when each was answered once, and until then none sends a second: a thousand threads
 * take their time to start, and for ever beside those that echo.
 */
final class EchoLoad {
  /** Less than the bench waits for our answer, so that we are there for the next server. */
  private static final long MAX_OPENING_NANOS = 30_000_000_000L;

  private final List<SocketChannel> channels = new ArrayList<>();
  private final LatencyHistogram latencies = new LatencyHistogram();

  /** Null until every connection was answered. */
  private @Nullable Window window;

  /** How many connections have not been answered yet. */
  private int unanswered;

  private long operations;

  private EchoLoad(int connections) {
    this.unanswered = connections;
  }

  private static final class Ping {
    final ByteBuffer buffer;
    byte number;
    long sentAt;

    Ping(int bytes) {
      buffer = ByteBuffer.allocateDirect(bytes);
    }

    void send(SocketChannel channel) throws IOException {
      buffer.clear().put(0, ++number);
      sentAt = System.nanoTime();
      // A message is smaller than any socket buffer, and the one before has been taken.
      if (channel.write(buffer) != buffer.capacity()) {
        throw new IOException("the socket took only a part of " + buffer.capacity() + " bytes");
      }
      buffer.clear();
    }

    /** True when the message is back. */
    boolean receive(SocketChannel channel) throws IOException {
      if (channel.read(buffer) == -1) {
        throw new EOFException("the server ended the connection");
      }
      if (buffer.hasRemaining()) {
        return false;
      }
      if (buffer.get(0) != number) {
        throw new IOException("sent message " + number + ", received " + buffer.get(0));
      }
      return true;
    }
  }

  static String run(int port, int connections, int bytes, Supplier<Window> toCome)
      throws IOException {
    EchoLoad load = new EchoLoad(connections);
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < connections; i++) {
        SocketChannel channel = SocketChannel.open(Generator.loopback(port));
        load.channels.add(channel);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, new Ping(bytes));
      }
      sendAll(selector);
      return load.measure(selector, toCome);
    } finally {
      for (SocketChannel channel : load.channels) {
        channel.close();
      }
    }
  }

  private static void sendAll(Selector selector) throws IOException {
    for (SelectionKey key : selector.keys()) {
      ((Ping) key.attachment()).send((SocketChannel) key.channel());
    }
  }

  private String measure(Selector selector, Supplier<Window> toCome) throws IOException {
    List<IOException> failures = new ArrayList<>();
    Window counting = null;
    long begun = System.nanoTime();
    while (counting == null || !counting.hasEnded(System.nanoTime())) {
      // Wakes up now and then, so that a server that answers nothing is noticed, too.
      selector.select(key -> turn(key, failures), 100);
      if (!failures.isEmpty()) {
        throw failures.get(0);
      }
      if (counting == null && unanswered == 0) {
        counting = toCome.get();
        window = counting;
        sendAll(selector);
      } else if (counting == null && System.nanoTime() - begun > MAX_OPENING_NANOS) {
        throw new IOException(unanswered + " of " + channels.size() + " connections got no answer");
      }
    }
    return counting.answer(operations, latencies);
  }

  private void turn(SelectionKey key, List<IOException> failures) {
    SocketChannel channel = (SocketChannel) key.channel();
    Ping ping = (Ping) key.attachment();
    try {
      if (ping.receive(channel)) {
        if (window == null) {
          unanswered--;
          return;
        }
        if (window.isOpen()) {
          operations++;
          latencies.add(System.nanoTime() - ping.sentAt);
        }
        ping.send(channel);
      }
    } catch (IOException e) {
      failures.add(e);
      key.cancel();
    }
  }
}
