package dev.tercet.internal.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.dtls.MachineLan.Flying;
import dev.tercet.internal.dtls.MachineLan.Node;
import dev.tercet.proto.dtls.Association;
import dev.tercet.proto.dtls.Association.State;
import dev.tercet.proto.dtls.DtlsRecord;
import dev.tercet.proto.dtls.HandshakeEngine;
import dev.tercet.tls.DtlsLimits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who has a place at an endpoint, who gives way, and what is left when it stops. */
class EndpointPlacesTest {
  private static final long MILLI = MachineLan.MILLI;

  private final MachineLan lan = new MachineLan(7);
  private final Node server =
      lan.node("192.0.2.1", 4433, DtlsLimits.DEFAULT.withMaxHalfOpen(2).withMaxAssociations(10))
          .serving();
  private final List<Node> clients = new ArrayList<>();

  @AfterEach
  void end() {
    server.machine.closeAll();
    clients.forEach(client -> client.machine.closeAll());
    assertEquals(0, lan.threads.alive());
  }

  /** An engine that takes everything and says nothing. */
  private static final class SilentEngine implements HandshakeEngine {
    @Override
    public void start() {}

    @Override
    public void feed(byte[] record) {}

    @Override
    public Step poll() {
      return new Step(List.of(), null, null);
    }

    @Override
    public void abort() {}
  }

  private Node hello(int network) {
    Node client = lan.node("198.51." + network + ".1", 1000);
    clients.add(client);
    client.start(client.connect(server));
    lan.settle();
    return client;
  }

  private Association waiting() {
    Association next = server.accept();
    server.machine.start(next, new SilentEngine(), MachineLan.SETTINGS, lan.nowNanos);
    return next;
  }

  /** The second message of the client's handshake, or a part of it. */
  private void message(Node client) {
    ByteBuffer part = ByteBuffer.allocate(12 + 4);
    part.putInt(16 << 24 | 4).putShort((short) 2).position(9);
    part.put((byte) 0).putShort((short) 4).putInt(0);
    lan.arrive(
        new Flying(
            client.address,
            server.address,
            DtlsRecord.clear(DtlsRecord.HANDSHAKE, DtlsRecord.VERSION_1_2, 5, part.array())
                .bytes()));
  }

  @Test
  @DisplayName("DTLS-L20 a full endpoint refuses, until a peer has been silent for a second")
  void givesWay() {
    hello(1);
    hello(2);
    Association first = waiting();
    Association second = waiting();
    hello(3);
    assertEquals(1, server.machine.statistics().overLimit());
    assertEquals(2, server.machine.statistics().accepted());
    lan.nowNanos += 1000 * MILLI;
    hello(4);
    assertEquals(State.FAILED, first.state());
    assertTrue(String.valueOf(first.failure()).contains("silent in its handshake"));
    assertEquals(State.HANDSHAKING, second.state());
    assertEquals(2, server.machine.statistics().overLimit());
    assertEquals(3, server.machine.statistics().accepted());
    assertEquals(2, server.machine.statistics().halfOpen());
  }

  @Test
  @DisplayName(
      "DTLS-L20 a peer that goes on with its handshake does not give way before the others")
  void answered() {
    Node busy = hello(1);
    hello(2);
    Association first = waiting();
    Association second = waiting();
    lan.nowNanos += 500 * MILLI;
    message(busy);
    lan.nowNanos += 600 * MILLI;
    hello(3);
    assertEquals(State.HANDSHAKING, first.state());
    assertEquals(State.FAILED, second.state());
    // The other half of the same message is nothing new.
    waiting();
    lan.nowNanos += 9_800 * MILLI;
    message(busy);
    hello(4);
    assertEquals(State.HANDSHAKING, first.state());
    waiting();
    lan.nowNanos += 300 * MILLI;
    hello(5);
    assertEquals(State.FAILED, first.state());
  }

  @Test
  @DisplayName("DTLS-A15 when serving stops, those that nobody has taken are dropped")
  void stop() {
    hello(1);
    Association taken = server.accept();
    hello(2);
    assertTrue(server.machine.hasAccepted());
    server.machine.stopServing();
    assertNull(server.machine.pollAccepted());
    assertEquals(State.WAITING, taken.state());
    assertEquals(1, server.machine.statistics().halfOpen());
    server.machine.closeAll();
    assertEquals(State.CLOSED, taken.state());
    assertEquals(0, server.machine.statistics().halfOpen());
    hello(3);
    assertEquals(1, server.machine.statistics().hellosIgnored());
  }

  @Test
  @DisplayName(
      "DTLS-A15 an endpoint that is closed answers no hellos, and ends a replaced peer too")
  void closeAll() {
    Node client = lan.node("198.51.1.1", 1000);
    clients.add(client);
    Association established = lan.handshake(client, server).get(1);
    client.start(client.connect(server));
    lan.settle();
    Association successor = server.accept();
    server.machine.closeAll();
    assertEquals(State.CLOSED, established.state());
    assertEquals(State.CLOSED, successor.state());
    assertEquals(0, server.machine.statistics().established());
    hello(2);
    assertEquals(1, server.machine.statistics().hellosIgnored());
  }
}
