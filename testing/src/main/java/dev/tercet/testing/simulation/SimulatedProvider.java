package dev.tercet.testing.simulation;

import dev.tercet.Network;
import dev.tercet.Resolver;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.net.NonBlockingDatagram;
import dev.tercet.internal.net.NonBlockingListener;
import dev.tercet.internal.net.NonBlockingSocket;
import java.net.InetAddress;
import java.net.ProtocolFamily;
import org.jspecify.annotations.Nullable;

/**
 * What drivers see of a {@link SimulatedNetwork}. A class of its own, so that the seam does not
 * show in what tests see.
 */
final class SimulatedProvider extends SimulatedNetwork implements NetworkProvider {
  SimulatedProvider(VirtualTime time, long seed) {
    super(time, seed);
  }

  @Override
  public Network withResolver(Resolver resolver) {
    return new WithResolver(this, resolver);
  }

  @Override
  public NonBlockingSocket openStream(ProtocolFamily family) {
    return newStream(family);
  }

  @Override
  public NonBlockingListener openListener(ProtocolFamily family) {
    return newListener(family);
  }

  @Override
  public NonBlockingDatagram openDatagram(ProtocolFamily family) {
    return newDatagram(family);
  }

  @Override
  public long nanoTime() {
    return nanos();
  }

  @Override
  public @Nullable InetAddress sourceFor(InetAddress destination) {
    return source(destination);
  }

  /** The same network with another resolver. */
  private record WithResolver(SimulatedNetwork network, Resolver resolver)
      implements NetworkProvider {
    @Override
    public Network withResolver(Resolver resolver) {
      return new WithResolver(network, resolver);
    }

    @Override
    public NonBlockingSocket openStream(ProtocolFamily family) {
      return network.newStream(family);
    }

    @Override
    public NonBlockingListener openListener(ProtocolFamily family) {
      return network.newListener(family);
    }

    @Override
    public NonBlockingDatagram openDatagram(ProtocolFamily family) {
      return network.newDatagram(family);
    }

    @Override
    public long nanoTime() {
      return network.nanos();
    }

    @Override
    public @Nullable InetAddress sourceFor(InetAddress destination) {
      return network.source(destination);
    }
  }
}
