package dev.tercet.testing.simulation;

import dev.tercet.proto.AddressKey;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who has which address of one protocol. Ports that the network chooses are counted up from 50000
 * (KIT-F3), so that no port comes twice in one run, as long as there are others.
 *
 * @param <T> the sockets
 */
final class Bindings<T> {
  private static final int FIRST_PORT = 50_000;
  private static final int LAST_PORT = 65_535;

  /** Guarded by this. */
  private final Map<Integer, Map<AddressKey, T>> byPort = new HashMap<>();

  /** Guarded by this. */
  private int nextPort = FIRST_PORT;

  /** Gives an address to a socket; returns it with a real port. */
  synchronized InetSocketAddress bind(InetAddress address, int port, T socket)
      throws BindException {
    int chosen = port == 0 ? freePort(address) : port;
    if (isTaken(address, chosen)) {
      throw new BindException("Address already in use");
    }
    byPort.computeIfAbsent(chosen, unused -> new HashMap<>()).put(AddressKey.of(address), socket);
    return new InetSocketAddress(address, chosen);
  }

  synchronized void unbind(InetSocketAddress address) {
    Map<AddressKey, T> there = byPort.get(address.getPort());
    if (there != null
        && there.remove(AddressKey.of(address.getAddress())) != null
        && there.isEmpty()) {
      byPort.remove(address.getPort());
    }
  }

  /** Who gets what is sent there: the one who is bound to it, else to all loopback addresses. */
  synchronized @Nullable T find(InetSocketAddress to) {
    Map<AddressKey, T> there = byPort.getOrDefault(to.getPort(), Map.of());
    T exact = there.get(AddressKey.of(to.getAddress()));
    if (exact != null || !to.getAddress().isLoopbackAddress()) {
      return exact;
    }
    for (Map.Entry<AddressKey, T> entry : there.entrySet()) {
      InetAddress bound = entry.getKey().address();
      if (bound.isAnyLocalAddress() && covers(bound, to.getAddress())) {
        return entry.getValue();
      }
    }
    return null;
  }

  /** An IPv6 wildcard is that of both families, as the JDK has it. */
  private static boolean covers(InetAddress wildcard, InetAddress address) {
    return wildcard.getClass() == address.getClass() || wildcard.getAddress().length == 16;
  }

  private boolean isTaken(InetAddress address, int port) {
    for (AddressKey key : byPort.getOrDefault(port, Map.of()).keySet()) {
      InetAddress other = key.address();
      if (key.equals(AddressKey.of(address))
          || (other.isAnyLocalAddress() && covers(other, address) && address.isLoopbackAddress())
          || (address.isAnyLocalAddress() && covers(address, other) && other.isLoopbackAddress())
          || (other.isAnyLocalAddress() && address.isAnyLocalAddress())) {
        return true;
      }
    }
    return false;
  }

  private int freePort(InetAddress address) throws BindException {
    for (int tries = FIRST_PORT; tries <= LAST_PORT; tries++) {
      int port = nextPort;
      nextPort = port == LAST_PORT ? FIRST_PORT : port + 1;
      if (!isTaken(address, port)) {
        return port;
      }
    }
    throw new BindException("Address already in use: all ports from " + FIRST_PORT + " on");
  }
}
