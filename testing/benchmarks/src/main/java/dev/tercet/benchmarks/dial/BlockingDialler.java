package dev.tercet.benchmarks.dial;

import dev.tercet.benchmarks.load.DialTargets;
import dev.tercet.blocking.ConnectOptions;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.SocketStream;
import dev.tercet.loop.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** A platform thread for each connection at a time. */
public final class BlockingDialler implements Dialler {
  private final Visit visit;

  private BlockingDialler(Visit visit) {
    this.visit = visit;
  }

  private interface Visit {
    void make(int port, ByteBuffer buffer) throws IOException, InterruptedException;
  }

  /**
   * {@code SocketChannel.connect} to the first address.
   *
   * @return a dialler
   */
  public static BlockingDialler channel() {
    InetAddress first = DialTargets.addresses().get(0);
    return new BlockingDialler(
        (port, buffer) -> {
          try (SocketChannel channel = SocketChannel.open(new InetSocketAddress(first, port))) {
            channel.read(buffer);
          }
        });
  }

  /**
   * Tercet's {@code openTcpStream} to the name.
   *
   * @return a dialler
   */
  public static BlockingDialler tercet() {
    ConnectOptions options =
        ConnectOptions.DEFAULT.withNetwork(
            EventLoop.shared().network().withResolver(TercetDiallerKt.table()));
    return new BlockingDialler(
        (port, buffer) -> {
          try (SocketStream stream = Net.openTcpStream(DialTargets.NAME, port, options)) {
            stream.receiveSome(buffer);
          }
        });
  }

  @Override
  public void start(Orders.Order order) {
    Thread thread = new Thread(() -> run(order), "bench");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(Orders.Order order) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(16);
    try {
      while (!order.hasEnded()) {
        visit.make(order.port(), buffer.clear());
      }
      order.done();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("a connection failed", e);
    }
  }
}
