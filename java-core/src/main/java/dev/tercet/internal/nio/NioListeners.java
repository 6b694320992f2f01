package dev.tercet.internal.nio;

import dev.tercet.internal.loop.LoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The listeners of a host: one per address.
 *
 * <p>No host means every address of this machine, on one dual-stack listener, or an IPv4 one where
 * there is no IPv6. NIO's IPv6 sockets are always dual-stack, so two listeners on one port, as Trio
 * has them, cannot be (spec IO-TL3).
 */
public final class NioListeners {
  private NioListeners() {}

  /** What to do with each socket before it is bound. */
  @FunctionalInterface
  public interface Preparation {
    /**
     * Sets options.
     *
     * @param listener not bound
     * @throws IOException when the system refuses
     */
    void prepare(NioListener listener) throws IOException;
  }

  /**
   * Opens, binds and listens. If one address fails, none is left open; but a family that this
   * system does not have is skipped if there is another (spec IO-TL8).
   *
   * @param group over whose loops connections are spread
   * @param addresses which addresses; null for all of this machine
   * @param port 0 to 65535; 0 for any, which then differs from address to address
   * @param backlog 1 or more
   * @param preparation runs before each bind
   * @return at least one listener
   * @throws IOException when an address cannot be listened on
   */
  public static List<NioListener> open(
      LoopGroup group,
      @Nullable List<InetAddress> addresses,
      int port,
      int backlog,
      Preparation preparation)
      throws IOException {
    Addresses.requireLocalPort(port);
    NioListener.requireBacklog(backlog);
    List<NioListener> listeners = new ArrayList<>();
    List<UnsupportedOperationException> unsupported = new ArrayList<>();
    try {
      if (addresses == null) {
        listeners.add(openOnAll(group, port, backlog, preparation));
        return listeners;
      }
      for (InetAddress address : addresses) {
        try {
          ProtocolFamily family = Addresses.family(address);
          InetSocketAddress local = new InetSocketAddress(address, port);
          listeners.add(bound(NioListener.open(group, family), local, backlog, preparation));
        } catch (UnsupportedOperationException e) {
          unsupported.add(e);
        }
      }
      if (listeners.isEmpty()) {
        throw noFamily(unsupported);
      }
      return listeners;
    } catch (IOException | RuntimeException e) {
      listeners.forEach(NioListener::close);
      throw e;
    }
  }

  private static NioListener openOnAll(
      LoopGroup group, int port, int backlog, Preparation preparation) throws IOException {
    NioListener listener;
    try {
      listener = NioListener.open(group, StandardProtocolFamily.INET6);
    } catch (UnsupportedOperationException noIpv6) {
      listener = NioListener.open(group, StandardProtocolFamily.INET);
    }
    return bound(listener, new InetSocketAddress(port), backlog, preparation);
  }

  private static NioListener bound(
      NioListener listener, InetSocketAddress local, int backlog, Preparation preparation)
      throws IOException {
    try {
      preparation.prepare(listener);
      listener.bind(local, backlog);
      return listener;
    } catch (IOException | RuntimeException e) {
      listener.close();
      if (e instanceof SocketException) {
        IOException named =
            new SocketException(
                "cannot listen on " + Addresses.text(local) + ": " + e.getMessage());
        named.initCause(e);
        throw named;
      }
      throw e;
    }
  }

  private static IOException noFamily(List<UnsupportedOperationException> causes) {
    IOException e =
        new SocketException(
            "This system doesn't support any of the kinds of socket that that address could use");
    causes.forEach(e::addSuppressed);
    return e;
  }
}
