package dev.tercet.testing;

import dev.tercet.ResourceException;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.StreamHandler;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.internal.names.IpLiteral;
import dev.tercet.internal.nio.Addresses;
import dev.tercet.testing.certificates.TestCa;
import dev.tercet.testing.simulation.Simulation;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsLimits;
import dev.tercet.tls.DtlsServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;

/** What tests of DTLS over a simulated network have in common. */
final class DtlsPlay {
  static final TestCa CA = TestCa.create();
  static final String NAME = "server.test";
  static final DtlsConfig CLIENT = DtlsConfig.DEFAULT.withTrust(CA.trust());
  static final DtlsServerConfig SERVER = DtlsServerConfig.of(CA.issue(NAME));

  /** The end of a channel is no failure of its handler. */
  static final ServeOptions LENIENT =
      ServeOptions.DEFAULT.withOnHandlerError((e, peer) -> throwUnlessEnd(e));

  private DtlsPlay() {}

  private static void throwUnlessEnd(Throwable e) throws Throwable {
    if (!(e instanceof ResourceException)) {
      throw e;
    }
  }

  static InetAddress ip(String literal) {
    return Objects.requireNonNull(IpLiteral.parse(literal), literal);
  }

  static InetSocketAddress address(String literal, int port) {
    return new InetSocketAddress(ip(literal), port);
  }

  static DtlsEndpoint endpoint(String literal, int port) throws IOException {
    return endpoint(literal, port, DtlsLimits.DEFAULT);
  }

  static DtlsEndpoint endpoint(String literal, int port, DtlsLimits limits) throws IOException {
    InetSocketAddress address = address(literal, port);
    UdpSocket socket = UdpSocket.open(Addresses.family(address.getAddress()));
    socket.bind(address);
    return DtlsEndpoint.wrap(socket, limits);
  }

  static InetSocketAddress local(DtlsEndpoint endpoint) {
    return Objects.requireNonNull(endpoint.socket().localAddress());
  }

  /** What happens between two endpoints on a simulated network. */
  interface Talk {
    void run(Simulation sim, DtlsEndpoint server, DtlsEndpoint client) throws Exception;
  }

  /** Opens two endpoints on a simulated network; nobody serves yet. */
  static void talk(long seed, Talk talk) throws Exception {
    Simulation.run(
        seed,
        sim -> {
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
              DtlsEndpoint client = endpoint("192.0.2.2", 0)) {
            talk.run(sim, server, client);
          }
        });
  }

  /** Serves in the background of a simulation, from now on. */
  static void serve(
      Simulation sim, DtlsEndpoint endpoint, StreamHandler<? super DtlsChannel> handler)
      throws IOException, InterruptedException {
    DtlsEndpoint unused =
        sim.nursery()
            .start(
                status -> {
                  var unusedReport = endpoint.serve(SERVER, handler, LENIENT, status);
                });
  }

  static void echo(DtlsChannel channel) throws IOException, InterruptedException {
    channel.forEach(channel::send);
  }

  static DtlsChannel dial(DtlsEndpoint client, DtlsEndpoint server) throws IOException {
    return client.connect(local(server), NAME, CLIENT);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] message) {
    return new String(message, StandardCharsets.UTF_8);
  }

  /** Sends and receives, once. */
  static String ask(DtlsChannel channel, String text) throws IOException, InterruptedException {
    channel.send(bytes(text));
    return text(channel.receive());
  }

  /** Sends until the answer comes: either may be lost. */
  static void askUntilAnswered(DtlsChannel channel, String text)
      throws IOException, InterruptedException {
    while (true) {
      channel.send(bytes(text));
      boolean isLost =
          CancelScope.moveOnAfter(Duration.ofSeconds(10))
              .run(
                  () -> {
                    while (!text(channel.receive()).equals(text)) {}
                  });
      if (!isLost) {
        return;
      }
    }
  }
}
