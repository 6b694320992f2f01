package dev.tercet.blocking;

import dev.tercet.AddressFamily;
import dev.tercet.NameInfo;
import dev.tercet.Network;
import dev.tercet.internal.names.AddressQuestion;
import dev.tercet.internal.names.Host;
import dev.tercet.internal.names.Lookup;
import dev.tercet.internal.names.Lookups;
import dev.tercet.internal.names.NameQuestions;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The driver of the name functions. */
final class Naming {
  private Naming() {}

  static List<InetSocketAddress> getaddrinfo(@Nullable String host, int port, Network network)
      throws IOException, InterruptedException {
    AddressQuestion.requirePort(port);
    AddressQuestion.requireHost(host);
    Parking.checkpoint();
    Lookup lookup = AddressQuestion.startAll(network.resolver(), host);
    return AddressQuestion.answers(Lookups.await(lookup), port);
  }

  /** All that is to be known about a host; the result may be a failure. */
  static Lookup answered(Network network, Host host) throws InterruptedException {
    return Lookups.await(Lookup.start(network.resolver(), host, AddressFamily.ANY));
  }

  static NameInfo getnameinfo(InetSocketAddress address, Network network)
      throws IOException, InterruptedException {
    NameQuestions.requireNumeric(address);
    Parking.checkpoint();
    String host = Lookups.await(NameQuestions.hostName(network.resolver(), address));
    return NameQuestions.nameInfo(address, host, Lookups.await(NameQuestions.services()));
  }

  static int getprotobyname(String name) throws IOException, InterruptedException {
    NameQuestions.requireProtocolName(name);
    Parking.checkpoint();
    return NameQuestions.protocol(Lookups.await(NameQuestions.protocols()), name);
  }
}
