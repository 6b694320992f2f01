package dev.tercet.testing;

import static dev.tercet.testing.DtlsPlay.CLIENT;
import static dev.tercet.testing.DtlsPlay.NAME;
import static dev.tercet.testing.DtlsPlay.address;
import static dev.tercet.testing.DtlsPlay.ask;
import static dev.tercet.testing.DtlsPlay.local;
import static dev.tercet.testing.DtlsPlay.serve;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.testing.simulation.Packet;
import dev.tercet.testing.simulation.Simulation;
import dev.tercet.tls.DtlsLimits;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Link-local addresses, which only the link tells apart (RFC 4007). */
class DtlsZonesTest {
  private static InetSocketAddress at(String literal, int zone, int port) {
    byte[] bytes = DtlsPlay.ip(literal).getAddress();
    try {
      return new InetSocketAddress(Inet6Address.getByAddress(null, bytes, zone), port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static UdpSocket socket(InetSocketAddress at) throws IOException {
    UdpSocket socket = UdpSocket.open(StandardProtocolFamily.INET6);
    socket.bind(at);
    return socket;
  }

  private static DtlsEndpoint endpoint(InetSocketAddress at, DtlsLimits limits) throws IOException {
    return DtlsEndpoint.wrap(socket(at), limits);
  }

  private static DtlsEndpoint endpoint(InetSocketAddress at) throws IOException {
    return endpoint(at, DtlsLimits.DEFAULT);
  }

  @Test
  @DisplayName(
      "DTLS-A16 two clients with one link-local address and port, on two links, are two peers")
  void accepted() throws Exception {
    Simulation.run(
        1,
        sim -> {
          try (DtlsEndpoint server = endpoint(address("2001:db8::1", 4433));
              DtlsEndpoint one = endpoint(at("fe80::2", 1, 5000));
              DtlsEndpoint two = endpoint(at("fe80::2", 2, 5000))) {
            serve(
                sim,
                server,
                channel -> {
                  Inet6Address from = (Inet6Address) channel.peerAddress().getAddress();
                  byte[] zone = DtlsPlay.bytes("zone " + from.getScopeId());
                  channel.forEach(message -> channel.send(zone));
                });
            DtlsChannel first = one.connect(local(server), NAME, CLIENT);
            DtlsChannel second = two.connect(local(server), NAME, CLIENT);
            for (int i = 0; i < 3; i++) {
              assertEquals("zone 1", ask(first, "x"));
              assertEquals("zone 2", ask(second, "x"));
            }
            assertEquals(2, server.statistics().established());
            assertEquals(0, server.statistics().replaced());
          }
        });
  }

  @Test
  @DisplayName(
      "DTLS-A16 two servers with one link-local address and port, on two links, are two peers")
  void dialled() throws Exception {
    Simulation.run(
        1,
        sim -> {
          try (DtlsEndpoint one = endpoint(at("fe80::1", 1, 4433));
              DtlsEndpoint two = endpoint(at("fe80::1", 2, 4433));
              DtlsEndpoint client = endpoint(address("2001:db8::2", 0))) {
            serve(sim, one, channel -> channel.forEach(m -> channel.send(DtlsPlay.bytes("one"))));
            serve(sim, two, channel -> channel.forEach(m -> channel.send(DtlsPlay.bytes("two"))));
            DtlsChannel first = client.connect(at("fe80::1", 1, 4433), NAME, CLIENT);
            DtlsChannel second = client.connect(at("fe80::1", 2, 4433), NAME, CLIENT);
            assertEquals("one", ask(first, "x"));
            assertEquals("two", ask(second, "x"));
            assertEquals("one", ask(first, "x"));
            // The second has not offered the first one's session.
            assertFalse(second.info().sessionReused());
            DtlsChannel again = client.connect(at("fe80::1", 1, 4433), NAME, CLIENT);
            assertEquals("one", ask(again, "x"));
            assertTrue(again.info().sessionReused());
          }
        });
  }

  @Test
  @DisplayName("DTLS-A16 a server that is dialled without a zone is on the link of the socket")
  void withoutZone() throws Exception {
    Simulation.run(
        1,
        sim -> {
          try (DtlsEndpoint server = endpoint(at("fe80::1", 7, 4433));
              DtlsEndpoint client = endpoint(at("fe80::2", 7, 0))) {
            serve(sim, server, DtlsPlay::echo);
            DtlsChannel channel = client.connect(at("fe80::1", 0, 4433), NAME, CLIENT);
            assertEquals("x", ask(channel, "x"));
          }
        });
  }

  @Test
  @DisplayName("DTLS-A16 DTLS-C5 the cookie of one link is no good on another")
  void cookies() throws Exception {
    Simulation.run(
        1,
        sim -> {
          try (DtlsEndpoint server = endpoint(address("2001:db8::1", 4433));
              UdpSocket one = socket(at("fe80::2", 1, 5000))) {
            serve(sim, server, DtlsPlay::echo);
            RawDtls.Client knocker = new RawDtls.Client(one, server, 1);
            knocker.send(knocker.hello(new byte[0], 0, 0));
            byte[] cookie = RawDtls.cookieOf(knocker.receive());
            sim.network()
                .deliverPacket(
                    Packet.of(at("fe80::2", 2, 5000), local(server), knocker.hello(cookie, 1, 1)));
            sim.sleep(Duration.ofSeconds(1));
            assertEquals(1, server.statistics().badCookies());
            assertEquals(0, server.statistics().accepted());
          }
        });
  }

  @Test
  @DisplayName("DTLS-A16 DTLS-L20 links do not share the places of a /64")
  void places() throws Exception {
    Simulation.run(
        1,
        sim -> {
          DtlsLimits limits = DtlsLimits.DEFAULT.withMaxHalfOpen(40);
          try (DtlsEndpoint server = endpoint(address("2001:db8::1", 4433), limits);
              DtlsEndpoint client = endpoint(at("fe80::3", 2, 0))) {
            serve(sim, server, DtlsPlay::echo);
            for (int i = 1; i <= 30; i++) {
              try (UdpSocket socket = socket(at("fe80::2", 1, i))) {
                assertTrue(new RawDtls.Client(socket, server, i).knock(0, 0));
              }
            }
            assertEquals("x", ask(client.connect(local(server), NAME, CLIENT), "x"));
            assertEquals(Duration.ZERO, sim.now());
          }
        });
  }

  @Test
  @DisplayName(
      "DTLS-A16 a socket that is connected to a link-local address neither sends to nor hears"
          + " another link")
  void connected() throws Exception {
    Simulation.run(
        1,
        sim -> {
          try (UdpSocket socket = socket(at("fe80::2", 1, 5000));
              UdpSocket peer = socket(at("fe80::1", 1, 7));
              UdpSocket other = socket(at("fe80::1", 2, 7))) {
            socket.connect(at("fe80::1", 1, 7));
            assertThrows(
                IllegalStateException.class,
                () -> socket.sendTo(ByteBuffer.wrap(new byte[1]), at("fe80::1", 2, 7)));
            socket.sendTo(ByteBuffer.wrap(new byte[1]), at("fe80::1", 0, 7));
            ByteBuffer into = ByteBuffer.allocate(10);
            assertEquals(1, ((Inet6Address) peer.receiveFrom(into).getAddress()).getScopeId());
            other.sendTo(ByteBuffer.wrap(new byte[2]), at("fe80::2", 1, 5000));
            peer.sendTo(ByteBuffer.wrap(new byte[3]), at("fe80::2", 1, 5000));
            List<Integer> lengths = new ArrayList<>();
            into.clear();
            InetSocketAddress unused = socket.receiveFrom(into);
            lengths.add(into.position());
            assertEquals(List.of(3), lengths);
          }
        });
  }
}
