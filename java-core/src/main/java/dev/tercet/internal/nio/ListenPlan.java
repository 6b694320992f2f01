package dev.tercet.internal.nio;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which listeners a host needs: one per address.
 *
 * <p>No host means every address of this machine, on one dual-stack listener, or an IPv4 one where
 * there is no IPv6. NIO's IPv6 sockets are always dual-stack, so two listeners on one port, as Trio
 * has them, cannot be (spec IO-TL3).
 */
public final class ListenPlan {
  private ListenPlan() {}

  /** Opens and binds one listener. */
  @FunctionalInterface
  public interface Opener<L> {
    /**
     * Opens, binds and listens; leaves nothing open when it throws.
     *
     * @param family INET or INET6
     * @throws IOException when the address cannot be listened on
     */
    L open(ProtocolFamily family, InetSocketAddress local) throws IOException;
  }

  /**
   * Opens the listeners. If one address fails, none is left open; but a family that this system
   * does not have, and an address that this machine does not have, is skipped if there is another
   * (spec IO-TL8).
   *
   * @param addresses which addresses; null for all of this machine
   * @param port 0 to 65535; 0 for any, which then differs from address to address
   * @param opener opens one
   * @return at least one listener
   * @throws IOException when an address cannot be listened on
   */
  public static <L> List<L> open(
      @Nullable List<InetAddress> addresses, int port, Opener<L> opener, Consumer<L> closer)
      throws IOException {
    if (addresses == null) {
      return List.of(openOnAll(new InetSocketAddress(port), opener));
    }
    List<L> listeners = new ArrayList<>();
    List<UnsupportedOperationException> unsupported = new ArrayList<>();
    BindException notThere = null;
    try {
      for (InetAddress address : addresses) {
        try {
          listeners.add(
              named(opener, Addresses.family(address), new InetSocketAddress(address, port)));
        } catch (UnsupportedOperationException e) {
          unsupported.add(e);
        } catch (BindException e) {
          if (addresses.size() == 1 || (port != 0 && isThere(address, opener, closer))) {
            throw e;
          }
          notThere = e;
        }
      }
      if (listeners.isEmpty()) {
        throw notThere != null ? notThere : noFamily(unsupported);
      }
      return List.copyOf(listeners);
    } catch (IOException | RuntimeException e) {
      listeners.forEach(closer);
      throw e;
    }
  }

  /** Whether any port of an address can be listened on: then it is the port that was refused. */
  private static <L> boolean isThere(InetAddress address, Opener<L> opener, Consumer<L> closer) {
    try {
      closer.accept(opener.open(Addresses.family(address), new InetSocketAddress(address, 0)));
      return true;
    } catch (BindException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static <L> L openOnAll(InetSocketAddress local, Opener<L> opener) throws IOException {
    try {
      return named(opener, StandardProtocolFamily.INET6, local);
    } catch (UnsupportedOperationException noIpv6) {
      return named(opener, StandardProtocolFamily.INET, local);
    }
  }

  /** NIO's exception says what is wrong, and not where. */
  private static <L> L named(Opener<L> opener, ProtocolFamily family, InetSocketAddress local)
      throws IOException {
    try {
      return opener.open(family, local);
    } catch (IOException e) {
      throw ConnectErrors.cannot("listen on", local, e);
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
