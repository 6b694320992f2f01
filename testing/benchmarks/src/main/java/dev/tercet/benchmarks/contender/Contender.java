package dev.tercet.benchmarks.contender;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** A server on a loopback port. Its process has no other work, and ends with it. */
public interface Contender {
  /**
   * Starts to serve on threads of its own, which nothing ends but the end of the process.
   *
   * @param work what to do with each connection
   * @return the port, when the server listens
   * @throws IOException when it cannot listen
   * @throws InterruptedException when interrupted
   */
  int serve(Work work) throws IOException, InterruptedException;

  /** How many connections may wait to be accepted; the kernel may allow fewer. */
  int BACKLOG = 4096;

  /**
   * The port of what is bound.
   *
   * @param address where it is bound
   * @return its port
   */
  static int portOf(@Nullable InetSocketAddress address) {
    if (address == null) {
      throw new IllegalStateException("it is not bound");
    }
    return address.getPort();
  }

  /**
   * Where to listen.
   *
   * @return any port of 127.0.0.1
   */
  static InetSocketAddress anyPort() {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
    } catch (IOException e) {
      throw new AssertionError("four bytes are an address", e);
    }
  }
}
