package dev.tercet.benchmarks.contender;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The baseline: one thread, one selector, one buffer, and no abstraction at all. What NIO can do
 * when a program is written for nothing but this benchmark.
 */
public final class NioContender implements Contender {
  /** Makes one. */
  public NioContender() {}

  @Override
  public int serve(Work work) throws IOException {
    Selector selector = Selector.open();
    ServerSocketChannel listener = ServerSocketChannel.open();
    listener.bind(Contender.anyPort(), BACKLOG).configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
    ByteBuffer buffer = ByteBuffer.allocateDirect(work.bufferBytes());
    Threads.platform().newThread(() -> run(selector, listener, work, buffer)).start();
    return listener.socket().getLocalPort();
  }

  private static void run(
      Selector selector, ServerSocketChannel listener, Work work, ByteBuffer buffer) {
    try {
      while (true) {
        selector.select(
            key -> {
              if (key.isAcceptable()) {
                accept(listener, selector, work);
              } else {
                turn(key, work, buffer);
              }
            });
      }
    } catch (IOException e) {
      throw new IllegalStateException("the selector failed", e);
    }
  }

  private static void accept(ServerSocketChannel listener, Selector selector, Work work) {
    try {
      SocketChannel channel = listener.accept();
      if (channel != null) {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.register(
            selector, work == Work.SOURCE ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
      }
    } catch (IOException e) {
      // The connection is gone already.
    }
  }

  private static void turn(SelectionKey key, Work work, ByteBuffer buffer) {
    SocketChannel channel = (SocketChannel) key.channel();
    try {
      boolean goesOn =
          switch (work) {
            case ECHO, IDLE -> echo(key, channel, buffer.clear());
            case SINK -> channel.read(buffer.clear()) != -1;
            case SOURCE -> channel.write(buffer.clear()) >= 0;
          };
      if (!goesOn) {
        channel.close();
      }
    } catch (IOException e) {
      try {
        channel.close();
      } catch (IOException alsoFailed) {
        // The peer is gone, and so is the channel.
      }
    }
  }

  /** What the socket does not take is kept with the key, and nothing is read before it is out. */
  private static boolean echo(SelectionKey key, SocketChannel channel, ByteBuffer buffer)
      throws IOException {
    ByteBuffer rest = (@Nullable ByteBuffer) key.attachment();
    if (rest != null) {
      channel.write(rest);
      if (!rest.hasRemaining()) {
        key.attach(null);
        key.interestOps(SelectionKey.OP_READ);
      }
      return true;
    }
    if (channel.read(buffer) == -1) {
      return false;
    }
    channel.write(buffer.flip());
    if (buffer.hasRemaining()) {
      key.attach(ByteBuffer.allocate(buffer.remaining()).put(buffer).flip());
      key.interestOps(SelectionKey.OP_WRITE);
    }
    return true;
  }
}
