package dev.tercet.internal.nio;

import dev.tercet.Network;
import dev.tercet.Resolver;
import dev.tercet.internal.loop.LoopGroup;
import dev.tercet.internal.names.SystemResolver;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.wait.World;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolFamily;
import org.jspecify.annotations.Nullable;

/**
 * The real network: channels of the kernel, on the loops of one group.
 *
 * @param group where new channels wait
 * @param resolver who resolves names
 */
public record LoopNetwork(LoopGroup group, Resolver resolver) implements NetworkProvider {
  /**
   * The network of a group, with the system's resolver.
   *
   * @return the network
   */
  public static LoopNetwork of(LoopGroup group) {
    return new LoopNetwork(group, SystemResolver.INSTANCE);
  }

  /**
   * The network of a thread of the blocking API.
   *
   * @param chosen what its options say; null when they say nothing
   * @return that; else the network of the simulation that the thread is in; else the shared loop's
   */
  public static NetworkProvider chosenOrDefault(@Nullable Network chosen) {
    Network network = chosen == null ? World.current().network() : chosen;
    return network == null ? of(LoopGroup.shared()) : NetworkProvider.from(network);
  }

  @Override
  public Network withResolver(Resolver resolver) {
    return new LoopNetwork(group, resolver);
  }

  @Override
  public NioSocket openStream(ProtocolFamily family) throws IOException {
    return NioSocket.open(group, family);
  }

  @Override
  public NioListener openListener(ProtocolFamily family) throws IOException {
    return NioListener.open(group, family);
  }

  @Override
  public NioDatagram openDatagram(ProtocolFamily family) throws IOException {
    return NioDatagram.open(group, family);
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public @Nullable InetAddress sourceFor(InetAddress destination) {
    return SourceProbe.sourceFor(destination);
  }

  @Override
  public String toString() {
    return "Network(" + group + ")";
  }
}
