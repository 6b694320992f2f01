package dev.tercet.benchmarks.contender;

import dev.tercet.benchmarks.tls.BenchContexts;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import tlschannel.ServerTlsChannel;

/** The library tls-channel over blocking channels, and a platform thread per connection. */
public final class TlsChannelContender implements Contender {
  private final SSLContext context = BenchContexts.server();

  /** Makes one. */
  public TlsChannelContender() {}

  @Override
  public int serve(Work work) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open();
    listener.bind(Contender.anyPort(), BACKLOG);
    Threads.platform().newThread(() -> accept(listener, work)).start();
    return listener.socket().getLocalPort();
  }

  private void accept(ServerSocketChannel listener, Work work) {
    try {
      while (true) {
        SocketChannel channel = listener.accept();
        Threads.platform().newThread(() -> handle(channel, work)).start();
      }
    } catch (IOException e) {
      throw new IllegalStateException("accept failed", e);
    }
  }

  private void handle(SocketChannel channel, Work work) {
    try (ByteChannel tls = ServerTlsChannel.newBuilder(channel, context).build()) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ByteBuffer buffer = ByteBuffer.allocate(work.bufferBytes());
      switch (work) {
        case ECHO, IDLE -> {
          while (tls.read(buffer.clear()) != -1) {
            tls.write(buffer.flip());
          }
        }
        case SINK -> {
          while (tls.read(buffer.clear()) != -1) {}
        }
        case SOURCE -> {
          while (true) {
            tls.write(buffer.clear());
          }
        }
      }
    } catch (IOException e) {
      // The peer has gone.
    }
  }
}
