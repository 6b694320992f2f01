package dev.tercet.blocking;

import dev.tercet.Network;
import dev.tercet.Resolver;
import dev.tercet.internal.names.AddressQuestion;
import dev.tercet.internal.names.Lookups;
import dev.tercet.internal.nio.LoopNetwork;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The driver of {@link AddressQuestion}, for every kind of socket. */
final class Resolving {
  private Resolving() {}

  static InetSocketAddress resolve(AddressQuestion question, @Nullable Network network)
      throws IOException, InterruptedException {
    Parking.checkpoint();
    Resolver resolver = LoopNetwork.chosenOrDefault(network).resolver();
    return question.answer(Lookups.await(question.start(resolver)));
  }
}
