package dev.tercet.benchmarks.contender;

import dev.tercet.ResourceException;
import dev.tercet.net.Net;
import dev.tercet.serve.ListenOptions;
import dev.tercet.socket.SocketListener;
import dev.tercet.socket.SocketStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadFactory;

/**
 * Tercet's blocking API and a thread per connection. Not {@code serveTcp}: its nursery chooses the
 * kind of thread by the JVM, and here the kind is what is compared.
 */
public final class TercetBlockingContender implements Contender {
  private final ThreadFactory threads;

  private TercetBlockingContender(ThreadFactory threads) {
    this.threads = threads;
  }

  /**
   * On platform threads.
   *
   * @return a contender
   */
  public static TercetBlockingContender platform() {
    return new TercetBlockingContender(Threads.platform());
  }

  /**
   * On virtual threads.
   *
   * @return a contender
   */
  public static TercetBlockingContender virtual() {
    return new TercetBlockingContender(Threads.virtual());
  }

  @Override
  public int serve(Work work) throws IOException, InterruptedException {
    ListenOptions options = ListenOptions.DEFAULT.withHost("127.0.0.1").withBacklog(BACKLOG);
    SocketListener listener = Net.openTcpListeners(0, options).get(0);
    threads.newThread(() -> accept(listener, work)).start();
    return listener.port();
  }

  private void accept(SocketListener listener, Work work) {
    try {
      while (true) {
        SocketStream stream = listener.accept();
        threads.newThread(() -> handle(stream, work)).start();
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("accept failed", e);
    }
  }

  private static void handle(SocketStream stream, Work work) {
    try (stream) {
      switch (work) {
        case ECHO -> {
          ByteBuffer buffer = ByteBuffer.allocate(work.bufferBytes());
          while (stream.receiveSome(buffer.clear()) != -1) {
            stream.sendAll(buffer.flip());
          }
        }
        case SINK -> {
          ByteBuffer buffer = ByteBuffer.allocateDirect(work.bufferBytes());
          while (stream.receiveSome(buffer.clear()) != -1) {}
        }
        case SOURCE -> {
          ByteBuffer buffer = ByteBuffer.allocateDirect(work.bufferBytes());
          while (true) {
            stream.sendAll(buffer.clear());
          }
        }
      }
    } catch (ResourceException e) {
      // The peer has gone.
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("the connection failed", e);
    }
  }
}
