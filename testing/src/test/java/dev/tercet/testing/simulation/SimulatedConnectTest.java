package dev.tercet.testing.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.AddressFamily;
import dev.tercet.TooSlowException;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.ListenerSocket;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.SocketListener;
import dev.tercet.blocking.SocketStream;
import dev.tercet.blocking.StreamPair;
import dev.tercet.blocking.StreamSocket;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.testing.Message;
import dev.tercet.testing.simulation.NetworkEvent.Kind;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How connects on a simulated network end, and exactly when. */
class SimulatedConnectTest {
  private static final InetSocketAddress SERVER = address("192.0.2.1", 443);

  private static InetSocketAddress address(String literal, int port) {
    return new InetSocketAddress(NameAnswer.ip(literal), port);
  }

  private static StreamSocket open() throws IOException {
    return StreamSocket.open(StandardProtocolFamily.INET);
  }

  private static SocketStream connect(InetSocketAddress to)
      throws IOException, InterruptedException {
    StreamSocket socket = open();
    socket.connect(to);
    return SocketStream.wrap(socket);
  }

  private static SocketListener listen(String host, int port)
      throws IOException, InterruptedException {
    return Net.openTcpListeners(port, ListenOptions.DEFAULT.withHost(host)).get(0);
  }

  @Test
  @DisplayName("KIT-N5 a connect succeeds or fails exactly when the test says")
  void exactly() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork net = sim.network();
          net.onConnect(
              "192.0.2.1",
              ConnectAnswer.accept().after(ofMillis(123)),
              ConnectAnswer.refuse().after(ofMillis(7)),
              ConnectAnswer.unreachable().after(ofMillis(0)),
              ConnectAnswer.fail(new IOException("odd")).after(ofMillis(1)));
          try (SocketStream stream = connect(SERVER)) {
            assertEquals(ofMillis(123), sim.now());
            assertEquals(SERVER, stream.remoteAddress());
          }
          ConnectException refused = assertThrows(ConnectException.class, () -> connect(SERVER));
          assertEquals(
              "Error connecting to 192.0.2.1:443: Connection refused", refused.getMessage());
          assertEquals(ofMillis(130), sim.now());
          assertThrows(NoRouteToHostException.class, () -> connect(SERVER));
          assertEquals(ofMillis(130), sim.now());
          Message.contains(assertThrows(IOException.class, () -> connect(SERVER)), "odd");
          assertThrows(IOException.class, () -> connect(SERVER), "the last answer stays");
          assertEquals(ofMillis(132), sim.now());
          net.trace().assertNothingOpen();
          assertEquals(1, net.trace().events(Kind.ESTABLISHED).size());
          assertEquals(4, net.trace().events(Kind.FAILED).size());
        });
  }

  @Test
  @DisplayName("KIT-N5 a connect that hangs ends with its scope, and its socket is closed")
  void hangs() throws Exception {
    Simulation.run(
        1,
        sim -> {
          sim.network().onConnect("192.0.2.1", 443, ConnectAnswer.hang());
          assertThrows(
              TooSlowException.class,
              () -> CancelScope.failAfter(ofSeconds(2)).run(() -> connect(SERVER)));
          assertEquals(ofSeconds(2), sim.now());
          sim.network().trace().assertNothingOpen();
          assertEquals(
              List.of("0s #1 OPEN stream INET", "0s #1 CONNECT 192.0.2.1:443", "2s #1 CLOSE"),
              sim.network().trace().of(1).stream().map(NetworkEvent::toString).toList());
          assertThrows(ConnectException.class, () -> connect(address("192.0.2.1", 80)));
        });
  }

  @Test
  @DisplayName("KIT-N5 a socket that is left open is named, with the trace")
  void leaks() throws Exception {
    Simulation.run(
        1,
        sim -> {
          sim.network().onConnect("192.0.2.1", ConnectAnswer.accept());
          SocketStream left = connect(SERVER);
          AssertionError e =
              assertThrows(AssertionError.class, sim.network().trace()::assertNothingOpen);
          Message.contains(e, "#1 stream INET");
          Message.contains(e, "#1 ESTABLISHED 192.0.2.1:443");
          assertEquals(List.of(1), sim.network().trace().openSockets());
          left.close();
        });
  }

  @Test
  @DisplayName("KIT-F14 the test talks as the peer of an accepted connection")
  void peers() throws Exception {
    Simulation.run(
        1,
        sim -> {
          sim.network().onConnect("192.0.2.1", ConnectAnswer.accept());
          SocketStream stream = connect(SERVER);
          SimulatedPeer peer = sim.network().peers().get(0);
          assertEquals(SERVER, peer.address());
          assertEquals(stream.localAddress(), peer.clientAddress());
          assertEquals(address("203.0.113.254", 50_000), peer.clientAddress());
          stream.sendAll(new byte[] {1, 2, 3});
          sim.sleep(ofMillis(1));
          assertArrayEquals(new byte[] {1, 2, 3}, peer.received());
          peer.send(new byte[] {4});
          peer.sendEof();
          assertArrayEquals(new byte[] {4}, stream.receiveSome());
          assertArrayEquals(new byte[0], stream.receiveSome());
          assertFalse(peer.sawEnd());
          stream.close();
          sim.sleep(ofMillis(1));
          assertTrue(peer.sawEnd());
        });
  }

  @Test
  @DisplayName("KIT-F14 a handshake takes the way there and back, and another way to the queue")
  void handshake() throws Exception {
    Simulation.run(
        1,
        sim -> {
          sim.network().setLatency(ofMillis(20));
          sim.network().setLatency("192.0.2.9", ofMillis(500), ofMillis(500));
          SocketListener listener = listen("192.0.2.1", 443);
          sim.nursery()
              .startSoon(
                  () -> {
                    try (SocketStream accepted = listener.accept()) {
                      assertEquals(ofMillis(60), sim.now());
                      assertEquals(SERVER, accepted.localAddress());
                      accepted.sendAll(new byte[] {1});
                    }
                  });
          try (SocketStream stream = connect(SERVER)) {
            assertEquals(ofMillis(40), sim.now());
            assertEquals(1, stream.receiveSome().length);
            assertEquals(ofMillis(80), sim.now());
            assertEquals(0, stream.receiveSome().length);
          }
          assertThrows(ConnectException.class, () -> connect(address("192.0.2.9", 443)));
          assertEquals(ofMillis(1080), sim.now());
          listener.close();
          sim.network().trace().assertNothingOpen();
        });
  }

  @Test
  @DisplayName("KIT-F14 a full queue loses SYNs, which come again after 1, 2, 4... seconds")
  void backlog() throws Exception {
    Simulation.run(
        1,
        sim -> {
          ListenerSocket listener = ListenerSocket.open(StandardProtocolFamily.INET);
          listener.bind(SERVER, 2);
          for (int i = 0; i < 2; i++) {
            connect(SERVER).close();
          }
          sim.nursery()
              .startSoon(
                  () -> {
                    sim.sleep(ofSeconds(2));
                    listener.accept().close();
                  });
          connect(SERVER).close();
          assertEquals(ofSeconds(3), sim.now());
          ConnectException e = assertThrows(ConnectException.class, () -> connect(SERVER));
          Message.contains(e, "Connection timed out");
          assertEquals(ofSeconds(3 + 127), sim.now());
          listener.close();
          assertThrows(ConnectException.class, () -> connect(SERVER));
          sim.network().trace().assertNothingOpen();
        });
  }

  @Test
  @DisplayName("KIT-F14 the close of a listener resets what nobody has accepted")
  void closeOfListener() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SocketListener listener = listen("192.0.2.1", 443);
          SocketStream stream = connect(SERVER);
          sim.sleep(ofMillis(1));
          listener.close();
          IOException e = assertThrows(IOException.class, stream::receiveSome);
          Message.contains(e, "reset");
          stream.close();
          sim.network().trace().assertNothingOpen();
        });
  }

  @Test
  @DisplayName("IO-HE14 a client that is gone when the answer comes leaves nothing in the queue")
  void clientGone() throws Exception {
    Simulation.run(
        1,
        sim -> {
          sim.network().setLatency(ofMillis(10));
          SocketListener listener = listen("192.0.2.1", 443);
          assertTrue(CancelScope.moveOnAfter(ofMillis(15)).run(() -> connect(SERVER)));
          assertTrue(CancelScope.moveOnAfter(ofSeconds(1)).run(() -> listener.accept()));
          listener.close();
          ListenerSocket forOne = ListenerSocket.open(StandardProtocolFamily.INET);
          forOne.bind(SERVER, 1);
          assertTrue(CancelScope.moveOnAfter(ofMillis(15)).run(() -> connect(SERVER)));
          sim.sleep(ofSeconds(1));
          Duration before = sim.now();
          connect(SERVER).close();
          assertEquals(ofMillis(20), sim.now().minus(before), "the place in the queue is free");
          forOne.close();
          sim.network().trace().assertNothingOpen();
        });
  }

  @Test
  @DisplayName("KIT-F3 ports are counted from 50000, and an address is given once")
  void ports() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SocketListener first = listen("192.0.2.1", 0);
          assertEquals(50_000, first.port());
          assertEquals(50_001, listen("192.0.2.1", 0).port());
          BindException e = assertThrows(BindException.class, () -> listen("192.0.2.1", 50_000));
          Message.contains(e, "192.0.2.1:50000");
          assertEquals(50_000, listen("192.0.2.2", 50_000).port());
          first.close();
          assertEquals(50_000, listen("192.0.2.1", 50_000).port());
          StreamSocket client = open();
          client.bind(address("192.0.2.1", 7));
          assertThrows(BindException.class, () -> open().bind(address("192.0.2.1", 7)));
          client.close();
          open().bind(address("192.0.2.1", 7));
        });
  }

  @Test
  @DisplayName("KIT-F14 a wildcard listens on the loopback addresses of both families")
  void wildcard() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SocketListener listener = Net.openTcpListeners(80).get(0);
          connect(address("127.0.0.1", 80)).close();
          Net.openTcpStream("localhost", 80).close();
          assertThrows(ConnectException.class, () -> connect(address("192.0.2.1", 80)));
          assertThrows(BindException.class, () -> listen("127.0.0.1", 80));
          listener.close();
        });
  }

  @Test
  @DisplayName("KIT-F14 a family can be missing, and a destination without a route")
  void families() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork net = sim.network();
          InetAddress ipv6 = NameAnswer.ip("2001:db8::1");
          assertEquals(NameAnswer.ip("2001:db8::fffe"), NetworkProvider.from(net).sourceFor(ipv6));
          net.setSource("2001:db8::1", "2001:db8::7");
          assertEquals(NameAnswer.ip("2001:db8::7"), NetworkProvider.from(net).sourceFor(ipv6));
          net.disable(AddressFamily.IPV6);
          assertNull(NetworkProvider.from(net).sourceFor(ipv6));
          assertThrows(
              UnsupportedOperationException.class,
              () -> StreamSocket.open(StandardProtocolFamily.INET6));
          assertThrows(
              UnsupportedOperationException.class,
              () -> StreamSocket.open(StandardProtocolFamily.UNIX));
          net.setSource("192.0.2.1", null);
          assertNull(NetworkProvider.from(net).sourceFor(SERVER.getAddress()));
          Message.contains(
              assertThrows(IOException.class, () -> connect(SERVER)), "Network is unreachable");
          net.trace().assertNothingOpen();
        });
  }

  @Test
  @DisplayName("KIT-N2 KIT-N3 literals do not reach the names, and others come as A-labels")
  void whatTheNamesSee() throws Exception {
    Simulation.run(
        1,
        sim -> {
          NameTable names = sim.network().names();
          sim.network().onConnect("192.0.2.1", ConnectAnswer.accept());
          Net.openTcpStream("192.0.2.1", 80).close();
          assertEquals(List.of(), names.queries());
          names.set("xn--bcher-kva.example", "192.0.2.1");
          Net.openTcpStream("B\u00fccher.example", 80).close();
          assertEquals(
              List.of("xn--bcher-kva.example"),
              names.queries().stream().map(NameTable.Query::host).distinct().toList());
        });
  }

  @Test
  @DisplayName("KIT-N4 socket pairs are no matter of the network, in a simulation too")
  void pairsAreReal() throws Exception {
    Simulation.run(
        1,
        sim -> {
          StreamPair pair = Net.socketStreamPair();
          pair.left().closeForcefully();
          pair.right().closeForcefully();
          assertEquals(List.of(), sim.network().trace().events());
        });
  }

  @Test
  @DisplayName("KIT-N1 another resolver, the same network")
  void anotherResolver() throws Exception {
    Simulation.run(
        1,
        sim -> {
          NetworkProvider other =
              NetworkProvider.from(
                  sim.network()
                      .withResolver(
                          (host, family) ->
                              java.util.concurrent.CompletableFuture.failedFuture(
                                  new UnknownHostException("mine"))));
          assertEquals(
              "mine",
              assertThrows(
                      UnknownHostException.class,
                      () ->
                          Net.openTcpListeners(
                              80, ListenOptions.DEFAULT.withHost("localhost").withNetwork(other)))
                  .getMessage());
          other.openStream(StandardProtocolFamily.INET).close();
          assertEquals(1, sim.network().trace().events(Kind.OPEN).size());
        });
  }
}
