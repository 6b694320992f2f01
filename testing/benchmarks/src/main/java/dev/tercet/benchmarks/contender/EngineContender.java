package dev.tercet.benchmarks.contender;

import dev.tercet.benchmarks.tls.BenchContexts;
import dev.tercet.benchmarks.tls.EngineConnection;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;

/**
 * The baseline of TLS: an engine on raw NIO, one thread, one selector, and no abstraction at all.
 * Handshakes are computed where they are read.
 */
public final class EngineContender implements Contender {
  private final SSLContext context;
  private final boolean isNative;

  private EngineContender(SSLContext context, boolean isNative) {
    this.context = context;
    this.isNative = isNative;
  }

  /**
   * With the JDK's engine.
   *
   * @return a contender
   */
  public static EngineContender jdk() {
    return new EngineContender(BenchContexts.server(), false);
  }

  /**
   * With Conscrypt's.
   *
   * @return a contender
   */
  public static EngineContender conscrypt() {
    return new EngineContender(BenchContexts.conscryptServer(), true);
  }

  @Override
  public int serve(Work work) throws IOException {
    Selector selector = Selector.open();
    ServerSocketChannel listener = ServerSocketChannel.open();
    listener.bind(Contender.anyPort(), BACKLOG).configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
    Threads.platform().newThread(() -> run(selector, listener, work)).start();
    return listener.socket().getLocalPort();
  }

  private void run(Selector selector, ServerSocketChannel listener, Work work) {
    ByteBuffer buffer = EngineConnection.buffer(Work.SINK.bufferBytes(), isNative);
    try {
      while (true) {
        selector.select(
            key -> {
              if (key.isAcceptable()) {
                accept(listener, selector);
              } else {
                turn(key, work, buffer);
              }
            });
      }
    } catch (IOException e) {
      throw new IllegalStateException("the selector failed", e);
    }
  }

  private void accept(ServerSocketChannel listener, Selector selector) {
    try {
      SocketChannel channel = listener.accept();
      if (channel != null) {
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.register(
            selector, SelectionKey.OP_READ, EngineConnection.server(channel, context, isNative));
      }
    } catch (IOException e) {
      // The connection is gone already.
    }
  }

  private static void turn(SelectionKey key, Work work, ByteBuffer buffer) {
    EngineConnection connection = (EngineConnection) key.attachment();
    try {
      if (!connection.shakeHands()) {
        return;
      }
      switch (work) {
        case ECHO, IDLE -> echo(key, connection, buffer);
        case SINK -> {
          int n;
          while ((n = connection.read(buffer.clear())) > 0) {}
          if (n == -1) {
            connection.close();
          }
        }
        case SOURCE -> {
          key.interestOps(SelectionKey.OP_WRITE);
          buffer.clear();
          while (buffer.hasRemaining() && connection.write(buffer) > 0) {}
        }
      }
    } catch (IOException e) {
      try {
        key.channel().close();
      } catch (IOException alsoFailed) {
        // The peer is gone, and so is the channel.
      }
    }
  }

  /** What is echoed here is a byte: the socket takes it, or the connection is given up. */
  private static void echo(SelectionKey key, EngineConnection connection, ByteBuffer buffer)
      throws IOException {
    int n;
    while ((n = connection.read(buffer.clear())) > 0) {
      buffer.flip();
      connection.write(buffer);
      if (buffer.hasRemaining() || !connection.flush()) {
        throw new IOException("the socket has no room");
      }
    }
    if (n == -1) {
      connection.close();
      key.cancel();
    }
  }
}
