package dev.tercet.socket;

import dev.tercet.Network;
import dev.tercet.internal.names.AddressQuestion;
import dev.tercet.internal.names.Lookup;
import dev.tercet.internal.nio.LoopNetwork;
import dev.tercet.internal.task.Parking;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The driver of lookups, for every kind of socket. */
final class Resolving {
  private Resolving() {}

  static InetSocketAddress resolve(AddressQuestion question, @Nullable Network network)
      throws IOException, InterruptedException {
    Parking.checkpoint();
    return question.answer(await(question.start(LoopNetwork.chosenOrDefault(network).resolver())));
  }

  static List<InetAddress> lookup(Network network, String host)
      throws IOException, InterruptedException {
    return await(Lookup.start(network.resolver(), host)).result();
  }

  private static Lookup await(Lookup lookup) throws InterruptedException {
    try {
      Parking.await(lookup.answered());
      return lookup;
    } finally {
      lookup.abandon();
    }
  }
}
