package dev.tercet.internal.connect;

import dev.tercet.AddressFamily;
import dev.tercet.AddressText;
import dev.tercet.RankedAddress;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.nio.Addresses;
import dev.tercet.proto.connect.Candidate;
import dev.tercet.proto.connect.Destination;
import dev.tercet.proto.connect.DestinationOrder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses of this machine a connect comes from: those that rank the destinations, and the
 * one to bind to.
 *
 * <p>With a local address of the caller's choice that is the source, in its family; in the other
 * family there is none, so that what cannot work is tried last (spec IO-HE15). A wildcard chooses
 * the family only.
 */
final class Sources {
  private final NetworkProvider network;
  private final @Nullable String localAddress;
  private final @Nullable List<InetAddress> locals;

  /**
   * Makes the sources of a connect.
   *
   * @param localAddress the caller's words, for messages; null when he gave none
   */
  Sources(
      NetworkProvider network, @Nullable String localAddress, @Nullable List<InetAddress> locals) {
    this.network = network;
    this.localAddress = localAddress;
    this.locals = locals;
  }

  /** An answer of the lookup, with sources. */
  List<Destination> destinations(AddressFamily family, List<InetAddress> addresses) {
    if (family == AddressFamily.ANY && addresses.size() == 1) {
      // Nothing to rank, and the usual case of a literal: spare the system calls.
      return List.of(new Destination(addresses.get(0), null));
    }
    List<Destination> destinations = new ArrayList<>();
    for (InetAddress address : addresses) {
      destinations.add(new Destination(address, sourceFor(address)));
    }
    return destinations;
  }

  private @Nullable InetAddress sourceFor(InetAddress destination) {
    if (locals == null) {
      return network.sourceFor(destination);
    }
    InetAddress local = localFor(destination);
    return local != null && local.isAnyLocalAddress() ? network.sourceFor(destination) : local;
  }

  /** The first local address of the destination's family. */
  private @Nullable InetAddress localFor(InetAddress destination) {
    if (locals != null) {
      for (InetAddress local : locals) {
        if (Addresses.family(local) == Addresses.family(destination)) {
          return local;
        }
      }
    }
    return null;
  }

  /**
   * What to bind to.
   *
   * @return null when the caller has no wish
   * @throws SocketException when no local address is of the target's family: with a dual-stack
   *     socket the system would connect all the same, from another address (spec IO-HE16)
   */
  @Nullable InetSocketAddress bindTo(InetSocketAddress target) throws SocketException {
    if (locals == null) {
      return null;
    }
    InetAddress local = localFor(target.getAddress());
    if (local == null) {
      throw new SocketException(
          "local address "
              + localAddress
              + " is incompatible with remote address "
              + AddressText.of(target));
    }
    return new InetSocketAddress(local, 0);
  }

  /** All addresses in the order in which a race would try them. */
  List<RankedAddress> plan(List<InetAddress> addresses, int port, int firstFamilyCount) {
    List<RankedAddress> plan = new ArrayList<>();
    for (Candidate candidate :
        DestinationOrder.rank(destinations(AddressFamily.ANY, addresses), firstFamilyCount)) {
      plan.add(
          new RankedAddress(new InetSocketAddress(candidate.address(), port), candidate.why()));
    }
    return plan;
  }
}
