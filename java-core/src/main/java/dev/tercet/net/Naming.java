package dev.tercet.net;

import dev.tercet.NameInfo;
import dev.tercet.Network;
import dev.tercet.internal.names.AddressQuestion;
import dev.tercet.internal.names.Lookup;
import dev.tercet.internal.names.NameQuestions;
import dev.tercet.internal.names.Reply;
import dev.tercet.internal.task.Parking;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The driver of name lookups: waits, and gives up when its caller does. */
final class Naming {
  private Naming() {}

  static List<InetAddress> lookup(Network network, String host)
      throws IOException, InterruptedException {
    Lookup lookup = Lookup.start(network.resolver(), host);
    await(lookup);
    return lookup.result();
  }

  static List<InetSocketAddress> getaddrinfo(@Nullable String host, int port, Network network)
      throws IOException, InterruptedException {
    AddressQuestion.requirePort(port);
    AddressQuestion.requireHost(host);
    Parking.checkpoint();
    Lookup lookup = AddressQuestion.startAll(network.resolver(), host);
    await(lookup);
    return AddressQuestion.answers(lookup, port);
  }

  private static void await(Lookup lookup) throws InterruptedException {
    try {
      Parking.await(lookup.answered());
    } finally {
      lookup.abandon();
    }
  }

  static NameInfo getnameinfo(InetSocketAddress address, Network network)
      throws IOException, InterruptedException {
    NameQuestions.requireNumeric(address);
    Parking.checkpoint();
    String host = await(NameQuestions.hostName(network.resolver(), address));
    return NameQuestions.nameInfo(address, host, await(NameQuestions.services()));
  }

  static int getprotobyname(String name) throws IOException, InterruptedException {
    NameQuestions.requireProtocolName(name);
    Parking.checkpoint();
    return NameQuestions.protocol(await(NameQuestions.protocols()), name);
  }

  private static <T extends @Nullable Object> T await(Reply<T> reply)
      throws IOException, InterruptedException {
    try {
      Parking.await(reply.answered());
      return reply.result();
    } finally {
      reply.abandon();
    }
  }
}
