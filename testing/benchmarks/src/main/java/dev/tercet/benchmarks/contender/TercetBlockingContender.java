package dev.tercet.benchmarks.contender;

import dev.tercet.ResourceException;
import dev.tercet.benchmarks.tls.BenchContexts;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.SocketListener;
import dev.tercet.blocking.SocketStream;
import dev.tercet.blocking.Stream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Tercet's blocking API and a thread per connection. Not {@code serveTcp}: its nursery chooses the
 * kind of thread by the JVM, and here the kind is what is compared.
 */
public final class TercetBlockingContender implements Contender {
  private final ThreadFactory threads;

  /** Null for none. */
  private final @Nullable TlsServerConfig tls;

  private TercetBlockingContender(ThreadFactory threads, @Nullable TlsServerConfig tls) {
    this.threads = threads;
    this.tls = tls;
  }

  /**
   * On platform threads.
   *
   * @return a contender
   */
  public static TercetBlockingContender platform() {
    return new TercetBlockingContender(Threads.platform(), null);
  }

  /**
   * On virtual threads.
   *
   * @return a contender
   */
  public static TercetBlockingContender virtual() {
    return new TercetBlockingContender(Threads.virtual(), null);
  }

  /**
   * TLS on platform threads.
   *
   * @return a contender
   */
  public static TercetBlockingContender tls() {
    return new TercetBlockingContender(
        Threads.platform(), TlsServerConfig.of(BenchContexts.server()));
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
        SocketStream socket = listener.accept();
        Stream stream = tls == null ? socket : TlsStream.wrapServer(socket, tls);
        threads.newThread(() -> handle(stream, work)).start();
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("accept failed", e);
    }
  }

  private static void handle(Stream stream, Work work) {
    try (stream) {
      switch (work) {
        case ECHO -> {
          ByteBuffer buffer = ByteBuffer.allocateDirect(work.bufferBytes());
          while (stream.receiveSome(buffer.clear()) != -1) {
            stream.sendAll(buffer.flip());
          }
        }
        case IDLE -> {
          for (byte[] bytes = stream.receiveSome(work.bufferBytes());
              bytes.length > 0;
              bytes = stream.receiveSome(work.bufferBytes())) {
            stream.sendAll(bytes);
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
