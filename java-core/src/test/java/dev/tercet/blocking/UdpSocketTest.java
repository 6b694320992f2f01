package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.RealSockets.Other;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sending when there is no room, which the loopback interface never says. */
@Timeout(60)
class UdpSocketTest {
  private static final InetSocketAddress PEER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);

  private final FakeDatagram fake = new FakeDatagram();
  private final UdpSocket socket = new UdpSocket(fake);

  @Test
  @DisplayName("IO-K12 a send waits for room, and then the datagram goes whole")
  void waits() throws Exception {
    ByteBuffer data = ByteBuffer.allocate(10);
    Other sender = RealSockets.beside(() -> socket.sendTo(data, PEER));
    assertEquals(0, data.position());
    assertEquals(1, fake.refused.get());
    fake.makeRoom();
    assertNull(sender.end());
    assertEquals(List.of(10), fake.sent);
    assertEquals(10, data.position());
  }

  @Test
  @DisplayName("IO-K12 an empty datagram waits for room too: NIO would not say that it was dropped")
  void emptyWaits() throws Exception {
    Other sender = RealSockets.beside(() -> socket.sendTo(ByteBuffer.allocate(0), PEER));
    assertEquals(0, fake.refused.get());
    fake.makeRoom();
    assertNull(sender.end());
    assertEquals(List.of(0), fake.sent);
  }

  @Test
  @DisplayName("IO-C6 IO-C8 an interrupted send has sent nothing, and the next one is fine")
  void interrupted() throws Exception {
    ByteBuffer data = ByteBuffer.allocate(10);
    Other sender = RealSockets.beside(() -> socket.sendTo(data, PEER));
    sender.interrupt();
    assertInstanceOf(InterruptedException.class, sender.end());
    assertEquals(0, data.position());
    fake.makeRoom();
    socket.sendTo(data, PEER);
    assertEquals(List.of(10), fake.sent);
  }

  @Test
  @DisplayName("IO-K16 IO-E3 a second sender is Busy; the first goes on, and so may a receiver")
  void busy() throws Exception {
    Other sender = RealSockets.beside(() -> socket.sendTo(ByteBuffer.allocate(1), PEER));
    for (int length : List.of(0, 1)) {
      assertThrows(
          BusyResourceException.class, () -> socket.sendTo(ByteBuffer.allocate(length), PEER));
    }
    assertThrows(BusyResourceException.class, () -> socket.connect(PEER));
    Other receiver = RealSockets.beside(() -> socket.receive(ByteBuffer.allocate(1)));
    assertThrows(BusyResourceException.class, () -> socket.receive(ByteBuffer.allocate(1)));
    fake.makeRoom();
    assertNull(sender.end());
    assertEquals(List.of(1), fake.sent);
    socket.close();
    assertInstanceOf(ClosedResourceException.class, receiver.end());
  }

  @Test
  @DisplayName("IO-K4 IO-K16 a close wakes a waiting sender and a waiting receiver with Closed")
  void closed() throws Exception {
    Other sender = RealSockets.beside(() -> socket.sendTo(ByteBuffer.allocate(1), PEER));
    Other receiver = RealSockets.beside(() -> socket.receive(ByteBuffer.allocate(1)));
    socket.close();
    assertInstanceOf(ClosedResourceException.class, sender.end());
    assertInstanceOf(ClosedResourceException.class, receiver.end());
    assertEquals(List.of(), fake.sent);
  }
}
