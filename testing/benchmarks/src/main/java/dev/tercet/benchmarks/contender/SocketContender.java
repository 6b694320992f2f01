package dev.tercet.benchmarks.contender;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ThreadFactory;

/** {@code java.net.Socket} and a thread per connection. */
public final class SocketContender implements Contender {
  private final ThreadFactory threads;

  private SocketContender(ThreadFactory threads) {
    this.threads = threads;
  }

  /**
   * On platform threads.
   *
   * @return a contender
   */
  public static SocketContender platform() {
    return new SocketContender(Threads.platform());
  }

  /**
   * On virtual threads.
   *
   * @return a contender
   */
  public static SocketContender virtual() {
    return new SocketContender(Threads.virtual());
  }

  @Override
  public int serve(Work work) throws IOException {
    InetSocketAddress address = Contender.anyPort();
    ServerSocket listener = new ServerSocket(0, BACKLOG, address.getAddress());
    threads.newThread(() -> accept(threads, listener, work)).start();
    return listener.getLocalPort();
  }

  /** Also for sockets of another kind. */
  static void accept(ThreadFactory threads, ServerSocket listener, Work work) {
    try {
      while (true) {
        Socket socket = listener.accept();
        threads.newThread(() -> handle(socket, work)).start();
      }
    } catch (IOException e) {
      throw new IllegalStateException("accept failed", e);
    }
  }

  private static void handle(Socket socket, Work work) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      byte[] buffer = new byte[work.bufferBytes()];
      int n;
      switch (work) {
        case ECHO, IDLE -> {
          while ((n = in.read(buffer)) != -1) {
            out.write(buffer, 0, n);
          }
        }
        case SINK -> {
          while (in.read(buffer) != -1) {}
        }
        case SOURCE -> {
          while (true) {
            out.write(buffer);
          }
        }
      }
    } catch (IOException e) {
      // The peer has gone.
    }
  }
}
