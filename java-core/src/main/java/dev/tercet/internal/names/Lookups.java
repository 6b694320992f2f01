package dev.tercet.internal.names;

import dev.tercet.Network;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a thread waits for lookups. Whoever stops waiting gives up. Kotlin's twin has the same name.
 */
public final class Lookups {
  private Lookups() {}

  /**
   * Waits until everything is answered.
   *
   * @param lookup under way
   * @return the same; its result may be a failure
   * @throws InterruptedException when interrupted while waiting
   */
  public static Lookup await(Lookup lookup) throws InterruptedException {
    try {
      Parking.await(lookup.answered());
      return lookup;
    } finally {
      lookup.abandon();
    }
  }

  /**
   * Waits for an answer.
   *
   * @param reply under way
   * @throws IOException when there is none
   * @throws InterruptedException when interrupted while waiting
   */
  public static <T extends @Nullable Object> T await(Reply<T> reply)
      throws IOException, InterruptedException {
    try {
      Parking.await(reply.answered());
      return reply.result();
    } finally {
      reply.abandon();
    }
  }

  /**
   * Resolves a host.
   *
   * @param network whose resolver is asked; literals do not reach it
   * @param host a name or an IP literal, IPv6 without brackets
   * @return at least one address, none twice
   * @throws IOException when there is none
   * @throws InterruptedException when interrupted while waiting
   */
  public static List<InetAddress> lookup(Network network, String host)
      throws IOException, InterruptedException {
    return await(Lookup.start(network.resolver(), host)).result();
  }
}
