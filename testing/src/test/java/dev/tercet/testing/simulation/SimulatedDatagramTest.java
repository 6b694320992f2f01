package dev.tercet.testing.simulation;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.testing.Message;
import dev.tercet.testing.simulation.NetworkEvent.Kind;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SimulatedDatagramTest {
  private static final InetSocketAddress A = address("192.0.2.1", 1000);
  private static final InetSocketAddress B = address("192.0.2.2", 2000);

  private static InetSocketAddress address(String literal, int port) {
    return new InetSocketAddress(NameAnswer.ip(literal), port);
  }

  private static UdpSocket bound(InetSocketAddress address) throws IOException {
    UdpSocket socket = UdpSocket.open(StandardProtocolFamily.INET);
    socket.bind(address);
    return socket;
  }

  private static InetSocketAddress local(UdpSocket socket) {
    return Objects.requireNonNull(socket.localAddress());
  }

  private static ByteBuffer bytes(int... values) {
    ByteBuffer buffer = ByteBuffer.allocate(values.length);
    Arrays.stream(values).forEach(value -> buffer.put((byte) value));
    return buffer.flip();
  }

  private static byte[] receive(UdpSocket socket) throws IOException, InterruptedException {
    ByteBuffer into = ByteBuffer.allocate(2000);
    socket.receiveFrom(into);
    return Arrays.copyOf(into.array(), into.position());
  }

  private static boolean hears(UdpSocket socket) throws IOException, InterruptedException {
    return !CancelScope.moveOnAfter(ofSeconds(10)).run(() -> receive(socket));
  }

  @Test
  @DisplayName("KIT-F3 ports count up from 50000; an address is given once, a socket bound once")
  void binding() throws Exception {
    Simulation.run(
        1,
        sim -> {
          assertEquals(50_000, local(bound(address("192.0.2.1", 0))).getPort());
          UdpSocket second = bound(address("192.0.2.1", 0));
          assertEquals(address("192.0.2.1", 50_001), second.localAddress());
          assertThrows(IllegalStateException.class, () -> second.bind(A));
          BindException e =
              assertThrows(BindException.class, () -> bound(address("192.0.2.1", 50_000)));
          Message.contains(e, "192.0.2.1:50000");
        });
  }

  @Test
  @DisplayName("KIT-F4 KIT-F6 a wildcard becomes the loopback address; unbound there is none")
  void wildcard() throws Exception {
    Simulation.run(
        1,
        sim -> {
          assertNull(UdpSocket.open(StandardProtocolFamily.INET).localAddress());
          assertEquals(address("127.0.0.1", 50_000), bound(address("0.0.0.0", 0)).localAddress());
          assertEquals(address("::1", 50_001), UdpSocket.bind(null, 0).localAddress());
        });
  }

  @Test
  @DisplayName("KIT-F5 KIT-F8 sending binds; an unbound socket cannot receive")
  void autoBind() throws Exception {
    Simulation.run(
        1,
        sim -> {
          UdpSocket a = bound(A);
          UdpSocket b = UdpSocket.open(StandardProtocolFamily.INET);
          assertThrows(IllegalStateException.class, () -> receive(b));
          b.sendTo(bytes(1), A);
          assertEquals(address("203.0.113.254", 50_000), b.localAddress());
          assertEquals(b.localAddress(), a.receiveFrom(ByteBuffer.allocate(9)));
          a.sendTo(bytes(2), local(b));
          assertArrayEquals(new byte[] {2}, receive(b));
        });
  }

  @Test
  @DisplayName("KIT-F9 what does not fit is cut and flagged; an empty datagram arrives")
  void truncation() throws Exception {
    Simulation.run(
        1,
        sim -> {
          UdpSocket a = bound(A);
          UdpSocket b = bound(B);
          b.sendTo(bytes(1, 2, 3), A);
          b.sendTo(bytes(), A);
          ByteBuffer two = ByteBuffer.allocate(2);
          assertEquals(B, a.receiveFrom(two));
          assertArrayEquals(new byte[] {1, 2}, two.array());
          assertTrue(a.wasTruncated());
          assertArrayEquals(new byte[0], receive(a));
          assertFalse(a.wasTruncated());
        });
  }

  @Test
  @DisplayName(
      "KIT-F10 KIT-F11 KIT-R34 KIT-R35 what nobody takes vanishes; a closed socket is Closed and"
          + " unbound")
  void vanishing() throws Exception {
    Simulation.run(
        1,
        sim -> {
          UdpSocket a = bound(A);
          UdpSocket b = bound(B);
          a.sendTo(bytes(1), address("192.0.2.9", 9));
          sim.network().deliverPacket(Packet.of(A, B, new byte[] {2}), ofMillis(1));
          b.close();
          sim.sleep(ofMillis(1));
          b.close();
          a.sendTo(bytes(3), B);
          assertThrows(ClosedResourceException.class, () -> receive(b));
          assertThrows(ClosedResourceException.class, () -> b.sendTo(bytes(1), A));
          assertFalse(hears(bound(B)));
          assertEquals(3, sim.network().trace().events(Kind.DROP).size());
          for (int i = 0; i < 10_000; i++) {
            a.sendTo(bytes(i), A);
          }
          for (int i = 0; i < 10_000; i++) {
            assertArrayEquals(new byte[] {(byte) i}, receive(a));
          }
        });
  }

  @Test
  @DisplayName("KIT-F10 closing ends a wait to receive with Closed")
  void closeWakes() throws Exception {
    Simulation.run(
        1,
        sim -> {
          UdpSocket a = bound(A);
          sim.nursery()
              .startSoon(
                  () -> {
                    sim.sleep(ofMillis(5));
                    a.closeForcefully();
                  });
          assertThrows(ClosedResourceException.class, () -> receive(a));
          assertEquals(ofMillis(5), sim.now());
        });
  }

  @Test
  @DisplayName("KIT-F12 options and multicast are refused loudly, and so are Unix addresses")
  void refused() throws Exception {
    Simulation.run(
        1,
        sim -> {
          UdpSocket a = bound(A);
          assertThrows(
              UnsupportedOperationException.class,
              () -> a.setOption(StandardSocketOptions.SO_BROADCAST, true));
          assertThrows(
              UnsupportedOperationException.class,
              () -> a.joinGroup(NameAnswer.ip("224.0.0.1"), someInterface()));
          assertThrows(
              UnsupportedOperationException.class,
              () -> UdpSocket.open(StandardProtocolFamily.UNIX));
        });
  }

  private static java.net.NetworkInterface someInterface() throws IOException {
    return java.net.NetworkInterface.networkInterfaces().findFirst().orElseThrow();
  }

  @Test
  @DisplayName("KIT-F13 the router sees every packet and decides: lose, delay, double, change")
  void router() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork net = sim.network();
          UdpSocket a = bound(A);
          UdpSocket b = bound(B);
          List<Packet> seen = new ArrayList<>();
          net.setRouter(
              packet -> {
                seen.add(packet);
                switch (packet.payload()[0]) {
                  case 1 -> net.deliverPacket(packet, ofMillis(30));
                  case 2 -> {
                    net.deliverPacket(packet);
                    net.deliverPacket(packet.withPayload(new byte[] {22}));
                  }
                  case 3 -> net.deliverPacket(packet.withSource(address("192.0.2.66", 66)));
                  default -> {}
                }
              });
          for (int i = 0; i < 4; i++) {
            b.sendTo(bytes(i), A);
          }
          assertArrayEquals(new byte[] {2}, receive(a));
          assertArrayEquals(new byte[] {22}, receive(a));
          assertEquals(address("192.0.2.66", 66), a.receiveFrom(ByteBuffer.allocate(9)));
          assertArrayEquals(new byte[] {1}, receive(a));
          assertEquals(ofMillis(30), sim.now());
          assertEquals(4, seen.size());
          assertEquals(Packet.of(B, A, new byte[] {0}), seen.get(0));
        });
  }

  @Test
  @DisplayName("KIT-F13 sendPacket goes through the router, deliverPacket does not")
  void entryPoints() throws Exception {
    Simulation.run(
        1,
        sim -> {
          SimulatedNetwork net = sim.network();
          UdpSocket a = bound(A);
          Packet stray = Packet.of(address("198.51.100.7", 7), A, new byte[] {7});
          net.sendPacket(stray);
          assertEquals(stray.source(), a.receiveFrom(ByteBuffer.allocate(9)));
          net.setRouter(packet -> {});
          net.sendPacket(stray);
          assertFalse(hears(a));
          net.deliverPacket(stray);
          assertTrue(hears(a));
        });
  }

  @Test
  @DisplayName("KIT-F13 packets do not change behind anybody's back")
  void immutable() {
    byte[] payload = {1};
    Packet packet = Packet.of(A, B, payload);
    payload[0] = 2;
    packet.payload()[0] = 3;
    assertArrayEquals(new byte[] {1}, packet.payload());
    assertEquals(packet, Packet.of(A, B, new byte[] {1}));
    assertNotEquals(packet, packet.withDestination(A));
  }

  @Test
  @DisplayName("KIT-F7 KIT-F14 a connected socket hears its peer only, and nothing from before")
  void connected() throws Exception {
    Simulation.run(
        1,
        sim -> {
          UdpSocket a = bound(A);
          UdpSocket b = bound(B);
          UdpSocket other = bound(address("192.0.2.3", 3000));
          b.sendTo(bytes(1), A);
          a.connect(B);
          other.sendTo(bytes(2), A);
          b.sendTo(bytes(3), A);
          assertArrayEquals(new byte[] {3}, receive(a));
          assertEquals(B, a.remoteAddress());
          a.send(bytes(4));
          assertEquals(A, b.receiveFrom(ByteBuffer.allocate(9)));
          assertThrows(IllegalStateException.class, () -> b.send(bytes(5)));
          assertThrows(IllegalStateException.class, () -> a.sendTo(bytes(5), local(other)));
        });
  }

  @Test
  @DisplayName("KIT-F13 with jitter datagrams overtake each other, as the seed says")
  void reordering() throws Exception {
    assertEquals(order(1), order(1));
    assertNotEquals(order(1), order(2));
  }

  private static List<Integer> order(long seed) throws Exception {
    List<Integer> order = new ArrayList<>();
    Simulation.run(
        seed,
        sim -> {
          sim.network().setLatency(ofMillis(1), ofMillis(100));
          UdpSocket a = bound(A);
          UdpSocket b = bound(B);
          for (int i = 0; i < 20; i++) {
            b.sendTo(bytes(i), A);
          }
          for (int i = 0; i < 20; i++) {
            order.add((int) receive(a)[0]);
          }
        });
    return order;
  }
}
