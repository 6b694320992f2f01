package dev.tercet.proto.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.proto.dtls.Association.State;
import dev.tercet.proto.dtls.DtlsSessionRecordsTest.TestEngine;
import dev.tercet.proto.dtls.DtlsSessionRecordsTest.TestKeys;
import dev.tercet.tls.DtlsLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** An endpoint whose engines work on threads of their own, and how it ends. */
class EndpointEngineTest {
  private static final long SECOND = 1_000_000_000L;
  private static final SessionSettings SETTINGS =
      new SessionSettings(SECOND, 10 * SECOND, 1472, 548, 2);
  private static final InetSocketAddress PEER =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 4433);

  private final EndpointMachine machine =
      new EndpointMachine(
          new SecureRandom(), DtlsLimits.DEFAULT.withMaxHalfOpen(10).withMaxAssociations(10));
  private final TestEngine engine = new TestEngine();
  private final TestKeys keys = new TestKeys();

  private Association started() {
    Association association = machine.connect(PEER);
    machine.start(association, engine, SETTINGS, 0);
    assertEquals(State.HANDSHAKING, association.state());
    return association;
  }

  private void finish(Association association) {
    engine.step = new HandshakeEngine.Step(List.of(), keys, null);
    machine.engineReady(association, 0);
  }

  @Test
  @DisplayName("DTLS-D5 a session goes on when its engine is ready, and who waits is told")
  void ready() {
    Association association = started();
    assertSame(association, machine.pollChanged());
    assertEquals(10 * SECOND, machine.nextDeadlineNanos());
    finish(association);
    assertEquals(State.ESTABLISHED, association.state());
    assertSame(association, machine.pollChanged());
    assertNull(machine.pollChanged());
    assertEquals(1, machine.statistics().established());
  }

  @Test
  @DisplayName("an engine that is ready too early or too late changes nothing")
  void notReady() {
    Association waiting = machine.connect(PEER);
    machine.engineReady(waiting, 0);
    assertEquals(State.WAITING, waiting.state());
    machine.start(waiting, engine, SETTINGS, 0);
    machine.close(waiting, true);
    finish(waiting);
    assertEquals(State.CLOSED, waiting.state());
    assertNotNull(engine.step, "nobody asked it");
  }

  @Test
  @DisplayName("datagrams are counted when they come, and when they are taken to be sent")
  void counters() {
    Association association = started();
    finish(association);
    machine.send(association, new byte[] {1});
    assertEquals(0, machine.statistics().datagramsOut());
    EndpointMachine.Outgoing out = machine.pollOutgoing();
    assertNotNull(out);
    assertEquals(PEER, out.to());
    assertEquals(1, machine.statistics().datagramsOut());
    assertNull(machine.pollOutgoing());
    assertEquals(1, machine.statistics().datagramsOut());
    machine.receive(PEER, ByteBuffer.wrap(new byte[] {1}), 0);
    machine.receive(new InetSocketAddress(PEER.getAddress(), 1), ByteBuffer.allocate(1), 0);
    assertEquals(2, machine.statistics().datagramsIn());
    assertEquals(1, machine.statistics().unknownAddress());
    assertEquals(1, machine.statistics().malformed());
  }

  @Test
  @DisplayName("DTLS-A15 a close of all ends what is there, and throws away what was to be sent")
  void closeAll() {
    Association association = started();
    finish(association);
    machine.send(association, new byte[] {1});
    machine.closeAll();
    assertEquals(State.CLOSED, association.state());
    assertNull(machine.pollOutgoing());
    assertEquals(0, machine.statistics().established());
    assertEquals(RetransmitTimer.NEVER, machine.nextDeadlineNanos());
  }

  @Test
  @DisplayName("DTLS-D2 a connect to the same address replaces what is there, at once")
  void replaced() {
    Association first = started();
    finish(first);
    Association second = machine.connect(PEER);
    assertEquals(State.REPLACED, first.state());
    assertEquals(1, machine.statistics().replaced());
    TestEngine other = new TestEngine();
    machine.start(second, other, SETTINGS, 0);
    machine.close(second, false);
    assertTrue(other.aborted);
    assertFalse(engine.aborted);
    assertEquals(0, machine.statistics().established());
    assertNull(machine.pollOutgoing());
  }
}
