package dev.tercet.testing.simulation;

import dev.tercet.proto.AddressKey;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which hosts are cut off. What TCP has sent waits, as what it sends again and again would arrive
 * at last; its order is kept. Datagrams are lost.
 */
final class Cuts {
  private record Held(InetAddress from, InetAddress to, Runnable arrival) {}

  private final VirtualTime time;

  /** Guarded by this, as is {@link #held}. */
  private final Set<AddressKey> hosts = new HashSet<>();

  private List<Held> held = new ArrayList<>();

  Cuts(VirtualTime time) {
    this.time = time;
  }

  synchronized void cut(InetAddress host) {
    hosts.add(AddressKey.of(host));
  }

  /** What was held arrives now, unless the other end is cut off too. */
  synchronized void heal(InetAddress host) {
    hosts.remove(AddressKey.of(host));
    List<Held> before = held;
    held = new ArrayList<>();
    for (Held one : before) {
      if (isCut(one.from, one.to)) {
        held.add(one);
      } else {
        // Looks again: it may be cut off again by then.
        time.schedule(time.nanoTime(), () -> arrive(one.from, one.to, one.arrival));
      }
    }
  }

  synchronized boolean isCut(InetAddress from, InetAddress to) {
    return hosts.contains(AddressKey.of(from)) || hosts.contains(AddressKey.of(to));
  }

  /** Lets something of TCP arrive, now or when it can. Nobody's code runs with the lock held. */
  void arrive(InetAddress from, InetAddress to, Runnable arrival) {
    synchronized (this) {
      if (isCut(from, to)) {
        held.add(new Held(from, to, arrival));
        return;
      }
    }
    arrival.run();
  }
}
