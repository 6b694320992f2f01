package dev.tercet.benchmarks.contender;

import dev.tercet.benchmarks.tls.BenchContexts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** The JDK's {@code SSLSocket}, and a platform thread per connection. */
public final class SslSocketContender implements Contender {
  /** Makes one. */
  public SslSocketContender() {}

  @Override
  public int serve(Work work) throws IOException {
    InetSocketAddress address = Contender.anyPort();
    ServerSocket listener =
        BenchContexts.server()
            .getServerSocketFactory()
            .createServerSocket(0, BACKLOG, address.getAddress());
    Threads.platform()
        .newThread(() -> SocketContender.accept(Threads.platform(), listener, work))
        .start();
    return listener.getLocalPort();
  }
}
