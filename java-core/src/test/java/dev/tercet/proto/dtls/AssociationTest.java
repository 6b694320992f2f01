package dev.tercet.proto.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.tercet.proto.dtls.Association.State;
import dev.tercet.proto.dtls.DtlsSessionRecordsTest.TestEngine;
import dev.tercet.proto.dtls.DtlsSessionRecordsTest.TestKeys;
import dev.tercet.tls.DtlsLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What an association says of itself, with a session and before it has one. */
class AssociationTest {
  private static final SessionSettings SETTINGS =
      new SessionSettings(1_000_000_000L, 10_000_000_000L, 1472, 548, 2);

  private final EndpointMachine machine =
      new EndpointMachine(
          new SecureRandom(), DtlsLimits.DEFAULT.withMaxHalfOpen(10).withMaxAssociations(10));

  private Association to(String literal) throws UnknownHostException {
    return machine.connect(new InetSocketAddress(InetAddress.getByName(literal), 4433));
  }

  @Test
  @DisplayName(
      "DTLS-E5 DTLS-E6 DTLS-E8 the lengths of datagrams are those of the family, or what was set")
  void lengths() throws UnknownHostException {
    assertEquals(1472, to("192.0.2.1").mtuBytes());
    assertEquals(548, to("192.0.2.1").minimumMtuBytes());
    assertEquals(1452, to("2001:db8::1").mtuBytes());
    assertEquals(1232, to("2001:db8::1").minimumMtuBytes());
    Association association = to("192.0.2.1");
    association.setMtuBytes(900);
    assertEquals(900, association.mtuBytes());
    assertEquals(-1, association.cleartextBytes());
  }

  @Test
  @DisplayName("the owner is told of a change, and nobody while there is none")
  void owner() throws UnknownHostException {
    Association association = to("192.0.2.1");
    association.tellOwner();
    List<State> told = new ArrayList<>();
    association.setOwner(() -> told.add(association.state()));
    machine.close(association, false);
    assertSame(association, machine.pollChanged());
    association.tellOwner();
    assertEquals(List.of(State.CLOSED), told);
  }

  @Test
  @DisplayName("what there is before the handshake, and after it")
  void facts() throws UnknownHostException {
    Association association = to("192.0.2.1");
    assertEquals("to /192.0.2.1:4433, WAITING", association.toString());
    assertEquals(0, association.heard());
    assertNull(association.info());
    assertNull(association.failure());
    TestEngine engine = new TestEngine();
    machine.start(association, engine, SETTINGS, 0);
    engine.step = new HandshakeEngine.Step(List.of(), new TestKeys(), null);
    machine.engineReady(association, 0);
    assertEquals(State.ESTABLISHED, association.state());
    assertNotNull(association.info());
    assertEquals(1472 - 37, association.cleartextBytes());
    assertNull(association.failure());
  }

  @Test
  @DisplayName("a failure is that of the handshake, or what the machine ended it with")
  void failures() throws UnknownHostException {
    Association association = to("192.0.2.1");
    TestEngine engine = new TestEngine();
    machine.start(association, engine, SETTINGS, 0);
    IOException refused = new IOException("refused");
    engine.step = new HandshakeEngine.Step(List.of(), null, refused);
    machine.engineReady(association, 0);
    assertEquals(State.FAILED, association.state());
    assertSame(refused, association.failure());
    Association other = to("192.0.2.2");
    other.end(State.FAILED, refused);
    assertSame(refused, other.failure());
    assertEquals("to /192.0.2.2:4433, FAILED", other.toString());
  }
}
