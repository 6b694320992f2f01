package dev.tercet.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A TCP port that refuses connections for as long as this JVM lives.
 *
 * <p>A port that was free a moment ago may be another program's by now, and tests run in several
 * JVMs at the same time. This one is bound, on all addresses, and nobody listens on it.
 */
public final class ClosedPort {
  private static final Socket BOUND = bind();

  private ClosedPort() {}

  /** The port, always the same. */
  public static int tcp() {
    return BOUND.getLocalPort();
  }

  private static Socket bind() {
    Socket socket = new Socket();
    try {
      socket.bind(new InetSocketAddress(0));
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
