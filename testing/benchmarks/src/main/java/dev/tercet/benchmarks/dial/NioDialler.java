package dev.tercet.benchmarks.dial;

import dev.tercet.benchmarks.load.DialTargets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The baseline: raw NIO, one thread, one selector, the first address. */
public final class NioDialler implements Dialler {
  private final Selector selector;
  private final Queue<Orders.Order> begun = new ConcurrentLinkedQueue<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(16);

  /**
   * Makes one.
   *
   * @throws IOException when there is no selector
   */
  public NioDialler() throws IOException {
    selector = Selector.open();
    Thread thread = new Thread(this::run, "bench");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void start(Orders.Order order) {
    begun.add(order);
    selector.wakeup();
  }

  private void run() {
    try {
      while (true) {
        Orders.Order order;
        while ((order = begun.poll()) != null) {
          connect(order);
        }
        selector.select(this::turn);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the selector failed", e);
    }
  }

  private void turn(SelectionKey key) {
    SocketChannel channel = (SocketChannel) key.channel();
    Orders.Order order = (Orders.Order) key.attachment();
    try {
      if (key.isConnectable()) {
        channel.finishConnect();
        key.interestOps(SelectionKey.OP_READ);
      }
      if (channel.read(buffer.clear()) == 0) {
        return;
      }
      channel.close();
      connect(order);
    } catch (IOException e) {
      throw new IllegalStateException("a connection failed", e);
    }
  }

  private void connect(Orders.Order order) throws IOException {
    if (order.hasEnded()) {
      order.done();
      return;
    }
    SocketChannel channel = SocketChannel.open();
    channel.configureBlocking(false);
    boolean isDone =
        channel.connect(new InetSocketAddress(DialTargets.addresses().get(0), order.port()));
    channel.register(selector, isDone ? SelectionKey.OP_READ : SelectionKey.OP_CONNECT, order);
  }
}
