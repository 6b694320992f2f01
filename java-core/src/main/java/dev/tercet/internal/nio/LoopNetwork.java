package dev.tercet.internal.nio;

import dev.tercet.Network;
import dev.tercet.Resolver;
import dev.tercet.internal.loop.LoopGroup;

/**
 * The real network: channels of the kernel, on the loops of one group.
 *
 * @param group where new channels wait
 * @param resolver who resolves names
 */
public record LoopNetwork(LoopGroup group, Resolver resolver) implements Network {
  /**
   * The network of a group, with the system's resolver.
   *
   * @param group where new channels wait
   * @return the network
   */
  public static LoopNetwork of(LoopGroup group) {
    return new LoopNetwork(group, SystemResolver.INSTANCE);
  }

  /**
   * The real network behind a public one.
   *
   * @param network what the user gave
   * @return the same, as what it is
   */
  public static LoopNetwork from(Network network) {
    if (network instanceof LoopNetwork real) {
      return real;
    }
    throw new IllegalArgumentException("not a network of an EventLoop: " + network);
  }

  @Override
  public Network withResolver(Resolver resolver) {
    return new LoopNetwork(group, resolver);
  }

  @Override
  public String toString() {
    return "Network(" + group + ")";
  }
}
