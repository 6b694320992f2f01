package dev.tercet.testing.simulation;

import dev.tercet.internal.net.NonBlockingResource;
import dev.tercet.internal.nio.ConnectErrors;
import dev.tercet.internal.wait.WaitNanos;
import dev.tercet.proto.AddressKey;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link SimulatedNetwork} does about connects.
 *
 * <p>An address answers as the test says; else it is a handshake with whoever listens there. The
 * SYN is one latency on its way, and so is the answer: the client is connected after both. The last
 * part of the handshake is on its way for another one, and then the connection is in the listener's
 * queue. When the queue is full the SYN is lost, and sent again after 1, 2, 4... seconds, as the
 * kernel does it; when the last one was lost too, the connect has timed out.
 *
 * <p>A client that closes its socket meanwhile sends nothing more.
 */
final class SimulatedTcp {
  private static final long FIRST_RETRY_NANOS = 1_000_000_000L;
  private static final int RETRIES = 6;

  /** Port of answers that are for all ports. */
  private static final int ANY_PORT = 0;

  private final SimulatedNetwork network;
  private final VirtualTime time;
  private final Latencies latencies;
  private final Cuts cuts;
  final Bindings<NonBlockingResource> bindings = new Bindings<>();

  /** Guarded by this, as is everything below. The last answer of a target stays. */
  private final Map<AddressKey, List<ConnectAnswer>> answers = new HashMap<>();

  private final List<SimulatedPeer> peers = new ArrayList<>();

  SimulatedTcp(SimulatedNetwork network, VirtualTime time, Latencies latencies, Cuts cuts) {
    this.network = network;
    this.time = time;
    this.latencies = latencies;
    this.cuts = cuts;
  }

  synchronized void onConnect(InetAddress address, int port, ConnectAnswer... oneForEach) {
    if (oneForEach.length == 0) {
      throw new IllegalArgumentException("no answer for " + address.getHostAddress());
    }
    answers.put(
        AddressKey.of(new InetSocketAddress(address, port)), new ArrayList<>(List.of(oneForEach)));
  }

  void onConnect(InetAddress address, ConnectAnswer... oneForEach) {
    onConnect(address, ANY_PORT, oneForEach);
  }

  synchronized List<SimulatedPeer> peers() {
    return List.copyOf(peers);
  }

  private synchronized ConnectAnswer next(InetSocketAddress to) {
    List<ConnectAnswer> left = answers.get(AddressKey.of(to));
    if (left == null) {
      left = answers.get(AddressKey.of(to.getAddress()));
    }
    if (left == null) {
      return ConnectAnswer.byListener();
    }
    return left.size() > 1 ? left.remove(0) : left.get(0);
  }

  void connect(SimulatedSocket client, InetSocketAddress to) {
    ConnectAnswer answer = next(to);
    switch (answer.kind()) {
      case LISTENER -> sendSyn(client, to, 0);
      case ACCEPT -> time.schedule(answerAt(answer, client, to), () -> accept(client, to));
      case FAIL -> {
        Runnable failing = () -> fail(client, to, answer.error());
        if (Duration.ZERO.equals(answer.after())) {
          failing.run();
        } else {
          time.schedule(answerAt(answer, client, to), failing);
        }
      }
      case HANG -> {}
    }
  }

  private long answerAt(ConnectAnswer answer, SimulatedSocket client, InetSocketAddress to) {
    Duration after = answer.after();
    return time.nanoTime()
        + (after == null ? there(client, to) + back(client, to) : WaitNanos.of(after));
  }

  private void accept(SimulatedSocket client, InetSocketAddress to) {
    SimulatedSocket far = farEnd(client, to);
    if (client.established(to, far)) {
      synchronized (this) {
        peers.add(new SimulatedPeer(far));
      }
    }
  }

  private void sendSyn(SimulatedSocket client, InetSocketAddress to, int retries) {
    InetAddress local = localOf(client);
    time.schedule(
        time.nanoTime() + there(client, to),
        () -> cuts.arrive(local, to.getAddress(), () -> synArrived(client, to, retries)));
  }

  private void synArrived(SimulatedSocket client, InetSocketAddress to, int retries) {
    if (!client.isConnecting()) {
      return;
    }
    if (!(bindings.find(to) instanceof SimulatedListener listener)) {
      sendBack(client, to, () -> fail(client, to, new ConnectException("Connection refused")));
    } else if (listener.beginHandshake()) {
      sendBack(client, to, () -> acknowledge(client, to, listener));
    } else {
      time.schedule(
          time.nanoTime() + (FIRST_RETRY_NANOS << retries),
          () -> sendSynAgain(client, to, retries));
    }
  }

  private void sendBack(SimulatedSocket client, InetSocketAddress to, Runnable arrival) {
    InetAddress local = localOf(client);
    time.schedule(
        time.nanoTime() + back(client, to), () -> cuts.arrive(to.getAddress(), local, arrival));
  }

  private void sendSynAgain(SimulatedSocket client, InetSocketAddress to, int retries) {
    if (!client.isConnecting()) {
      return;
    }
    if (retries == RETRIES) {
      fail(client, to, new ConnectException("Connection timed out"));
    } else {
      network.record(NetworkEvent.Kind.SYN, client.number(), "again");
      sendSyn(client, to, retries + 1);
    }
  }

  private void acknowledge(
      SimulatedSocket client, InetSocketAddress to, SimulatedListener listener) {
    SimulatedSocket far = farEnd(client, to);
    if (client.established(to, far)) {
      client.afterAll(() -> listener.finishHandshake(far));
    } else {
      listener.abandonHandshake();
    }
  }

  private SimulatedSocket farEnd(SimulatedSocket client, InetSocketAddress to) {
    SimulatedSocket far = network.newSocket(client.family());
    far.acceptedFrom(to, client);
    return far;
  }

  private static void fail(
      SimulatedSocket client, InetSocketAddress to, @Nullable IOException error) {
    if (error != null) {
      client.connectFailed(ConnectErrors.withAddress(error, to));
    }
  }

  private long there(SimulatedSocket client, InetSocketAddress to) {
    return latencies.next(localOf(client), to.getAddress());
  }

  private long back(SimulatedSocket client, InetSocketAddress to) {
    return latencies.next(to.getAddress(), localOf(client));
  }

  private static InetAddress localOf(SimulatedSocket client) {
    return java.util.Objects.requireNonNull(client.localAddress()).getAddress();
  }
}
