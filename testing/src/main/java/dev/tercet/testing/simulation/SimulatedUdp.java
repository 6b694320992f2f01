package dev.tercet.testing.simulation;

import dev.tercet.internal.text.Durations;
import dev.tercet.internal.wait.WaitNanos;
import java.time.Duration;

/** What a {@link SimulatedNetwork} does about datagrams (KIT-F). */
final class SimulatedUdp {
  private final NetworkTrace trace;
  private final VirtualTime time;
  private final Latencies latencies;
  private final Cuts cuts;
  final Bindings<SimulatedDatagram> bindings = new Bindings<>();
  private volatile Router router = this::routeByDefault;

  SimulatedUdp(NetworkTrace trace, VirtualTime time, Latencies latencies, Cuts cuts) {
    this.trace = trace;
    this.time = time;
    this.latencies = latencies;
    this.cuts = cuts;
  }

  void setRouter(Router router) {
    this.router = router;
  }

  Router router() {
    return router;
  }

  /** Everything arrives, after the latency of its way; with jitter, not in order. */
  private void routeByDefault(Packet packet) {
    long latency = latencies.next(packet.source().getAddress(), packet.destination().getAddress());
    deliver(packet, Duration.ofNanos(latency));
  }

  void send(Packet packet) {
    router.route(packet);
  }

  void deliver(Packet packet, Duration after) {
    if (after.isNegative()) {
      throw new IllegalArgumentException(
          "the delay must not be negative, but is " + Durations.text(after));
    }
    if (after.isZero()) {
      deliver(packet);
    } else {
      time.schedule(time.nanoTime() + WaitNanos.of(after), () -> deliver(packet));
    }
  }

  void deliver(Packet packet) {
    if (cuts.isCut(packet.source().getAddress(), packet.destination().getAddress())) {
      trace.record(NetworkEvent.Kind.DROP, 0, packet + ": cut off");
      return;
    }
    SimulatedDatagram there = bindings.find(packet.destination());
    if (there == null || !there.arrived(packet)) {
      trace.record(NetworkEvent.Kind.DROP, 0, packet + ": nobody takes it there");
    }
  }
}
