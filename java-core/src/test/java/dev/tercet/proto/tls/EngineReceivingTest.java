package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.proto.tls.EngineCalls.Turn;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What an engine reads, where it puts it, and what its status means, call by call. */
class EngineReceivingTest {
  private static final HandshakeStatus NOTHING = HandshakeStatus.NOT_HANDSHAKING;
  private static final byte[] RECORD = StubEngine.record(StubEngine.DATA, new byte[100]);
  private static final byte[] ALERT = StubEngine.record(StubEngine.ALERT, (byte) 'X');

  private static EngineRig open(byte[]... records) {
    EngineRig rig = EngineRig.server().open("TLSv1.3");
    for (byte[] record : records) {
      rig.inbox.feed(record.clone());
    }
    return rig;
  }

  private static ScriptedEngine.Call idle(Status status) {
    return ScriptedEngine.idle(status, NOTHING);
  }

  private static Turn turn(EngineRig rig, ScriptedEngine.Call call) {
    rig.engine.onUnwrap(call);
    return rig.calls.turn(null);
  }

  /** Where the engine is to put what it decrypts: its room, and whether it is that buffer. */
  private static String target(EngineRig rig, ByteBuffer into, Status status) {
    List<String> seen = new ArrayList<>();
    int lent = rig.buffers.lent;
    rig.engine.onUnwrap(
        (source, target) -> {
          seen.add((rig.buffers.lent == lent ? "direct " : "scratch ") + target.remaining());
          return new SSLEngineResult(status, NOTHING, 0, 0);
        });
    rig.calls.turn(into);
    assertEquals(0, rig.output().length);
    assertEquals(lent, rig.buffers.lent, "what was lent goes back");
    return seen.get(0);
  }

  @Test
  @DisplayName("TLS-D4 a record is decrypted into the caller's buffer if it fits, else beside it")
  void target() {
    assertEquals(
        "direct 105", target(open(RECORD), ByteBuffer.allocate(105), Status.BUFFER_UNDERFLOW));
    assertEquals(
        "scratch 2000", target(open(RECORD), ByteBuffer.allocate(104), Status.BUFFER_UNDERFLOW));
    EngineRig rig = open(RECORD);
    rig.inbox.addPlain(ByteBuffer.allocate(1));
    assertEquals("scratch 2000", target(rig, ByteBuffer.allocate(200), Status.BUFFER_UNDERFLOW));
  }

  @Test
  @DisplayName("TLS-R-e a buffer that was refused as too small is not tried again with that record")
  void viaScratch() {
    EngineRig rig = open(RECORD);
    ByteBuffer into = ByteBuffer.allocate(200);
    assertEquals("direct 200", target(rig, into, Status.BUFFER_OVERFLOW));
    assertEquals("scratch 4000", target(rig, into, Status.BUFFER_UNDERFLOW));
    assertEquals("direct 200", target(rig, into, Status.BUFFER_UNDERFLOW));
  }

  @Test
  @DisplayName("TLS-R-e room is doubled while an engine has too little for a whole record")
  void moreRoom() {
    EngineRig rig = open(RECORD);
    for (int room = 2000; room <= 16 * 2000; room *= 2) {
      assertEquals("scratch " + room, target(rig, ByteBuffer.allocate(1), Status.BUFFER_OVERFLOW));
    }
    assertEquals(
        "TLS connection broken: the TLS engine makes no progress in state NOT_HANDSHAKING",
        rig.reason());
  }

  @Test
  @DisplayName("TLS-R-e too little room for a record that is not whole is a wish for more bytes")
  void notWhole() {
    EngineRig rig = open(Arrays.copyOf(RECORD, 104));
    for (int i = 0; i < 20; i++) {
      assertEquals(Turn.STARVED, turn(rig, idle(Status.BUFFER_OVERFLOW)));
    }
    rig.inbox.feed(new byte[1]);
    assertEquals(Turn.PROGRESS, turn(rig, idle(Status.BUFFER_OVERFLOW)));
  }

  @Test
  @DisplayName("TLS-R-e TLS-R2 too little room for a record that is too long is tried a few times")
  void tooLong() {
    byte[] record = new byte[33_097];
    Arrays.fill(record, 0, 5, (byte) 0xff);
    EngineRig rig = open(record);
    assertEquals(Turn.STARVED, turn(rig, idle(Status.BUFFER_OVERFLOW)));
    rig.inbox.feed(new byte[1]);
    for (int i = 0; i < 4; i++) {
      assertEquals(Turn.PROGRESS, turn(rig, idle(Status.BUFFER_OVERFLOW)));
      assertFalse(rig.state.hasFailed());
    }
    assertEquals(Turn.PROGRESS, turn(rig, idle(Status.BUFFER_OVERFLOW)));
    assertTrue(rig.state.hasFailed());
  }

  @Test
  @DisplayName("TLS-R-b bytes count, whatever the status says")
  void bytesCount() {
    for (Status status : Status.values()) {
      EngineRig rig = open(RECORD, RECORD);
      assertEquals(Turn.PROGRESS, turn(rig, ScriptedEngine.reads(status, NOTHING, 105, (byte) 7)));
      assertEquals(105, rig.inbox.size());
      assertTrue(rig.inbox.hasPlain());
      ByteBuffer into = ByteBuffer.allocate(9);
      rig.inbox.takePlain(into);
      assertEquals(1, into.position());
      assertEquals(7, into.get(0));
      assertFalse(rig.state.isPeerClosed());
    }
  }

  @Test
  @DisplayName("TLS-R-b data of an earlier record counts without a record")
  void producedOnly() {
    EngineRig rig = open();
    for (Status status : new Status[] {Status.OK, Status.BUFFER_OVERFLOW}) {
      for (int i = 0; i < 10; i++) {
        assertEquals(Turn.PROGRESS, turn(rig, ScriptedEngine.reads(status, NOTHING, 0, (byte) 7)));
      }
    }
    assertFalse(rig.state.hasFailed());
    assertEquals(0, rig.calls.datalessRecords());
  }

  @Test
  @DisplayName("TLS-R-d an engine that has nothing and wants nothing hears from the peer")
  void starved() {
    EngineRig rig = open();
    assertEquals(Turn.STARVED, turn(rig, idle(Status.OK)));
    assertEquals(Turn.STARVED, turn(rig, idle(Status.BUFFER_UNDERFLOW)));
    assertEquals(
        Turn.PROGRESS,
        turn(rig, rig.engine.then(HandshakeStatus.NEED_WRAP, idle(Status.OK))),
        "it wants to wrap now");
  }

  @Test
  @DisplayName("TLS-R-m an engine that leaves a record and wants nothing fails at the fifth time")
  void stalls() {
    EngineRig rig = open(RECORD);
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 4; i++) {
        assertEquals(Turn.PROGRESS, turn(rig, idle(Status.OK)));
      }
      // Waiting for the peer is no fault of the engine.
      assertEquals(Turn.STARVED, turn(rig, idle(Status.BUFFER_UNDERFLOW)));
    }
    for (int i = 0; i < 5; i++) {
      assertFalse(rig.state.hasFailed());
      assertEquals(Turn.PROGRESS, turn(rig, idle(Status.OK)));
    }
    assertTrue(rig.state.hasFailed());
  }

  @Test
  @DisplayName("TLS-R-m a new wish is no idle turn, with a record that is left")
  void newWish() {
    EngineRig rig = open(RECORD);
    for (int i = 0; i < 20; i++) {
      HandshakeStatus next =
          i % 2 == 0 ? HandshakeStatus.NEED_UNWRAP : HandshakeStatus.NOT_HANDSHAKING;
      assertEquals(Turn.PROGRESS, turn(rig, rig.engine.then(next, idle(Status.OK))), "turn " + i);
    }
    assertFalse(rig.state.hasFailed());
  }

  @Test
  @DisplayName("TLS-R-h an engine that has something to say first is asked for it, not the peer")
  void speaksFirst() {
    EngineRig rig = open(RECORD);
    for (int i = 0; i < 5; i++) {
      assertFalse(rig.state.hasFailed());
      rig.wish(HandshakeStatus.NEED_UNWRAP);
      assertEquals(
          Turn.PROGRESS,
          turn(rig, rig.engine.then(HandshakeStatus.NEED_WRAP, idle(Status.BUFFER_UNDERFLOW))));
    }
    assertTrue(rig.state.hasFailed());
  }

  @Test
  @DisplayName("TLS-R-b TLS-R-j CLOSED is the end if the receiving half is closed, by a record")
  void closed() {
    EngineRig sending = open(ALERT);
    assertEquals(Turn.STARVED, turn(sending, idle(Status.CLOSED)));
    assertFalse(sending.state.isPeerClosed());
    EngineRig inside = open();
    inside.engine.inboundDone = true;
    assertEquals(Turn.OVER, turn(inside, idle(Status.CLOSED)));
    assertFalse(inside.state.isPeerClosed());
    assertTrue(inside.calls.isDeaf());
    EngineRig peer = open(ALERT, RECORD);
    assertFalse(peer.calls.isDeaf());
    peer.engine.inboundDone = true;
    assertEquals(Turn.OVER, turn(peer, ScriptedEngine.reads(Status.CLOSED, NOTHING, ALERT.length)));
    assertTrue(peer.state.isPeerClosed());
    assertFalse(peer.state.hasFailed());
    assertFalse(peer.calls.isDeaf());
    int unwrapped = peer.engine.unwrapped;
    assertEquals(Turn.OVER, peer.calls.turn(null));
    assertEquals(unwrapped, peer.engine.unwrapped, "what is behind it is not decrypted");
    assertArrayEquals(RECORD, peer.inbox.takeAll());
  }

  @Test
  @DisplayName("TLS-K6 a handshake record in an open session of TLS 1.2 does not reach the engine")
  void renegotiation() {
    byte[] flight = StubEngine.record(StubEngine.HANDSHAKE, (byte) 'H');
    EngineRig rig = EngineRig.server().open("TLSv1.2");
    rig.inbox.feed(flight.clone());
    rig.engine.onWrap(ScriptedEngine.gives(Status.CLOSED, NOTHING, ALERT));
    assertEquals(Turn.PROGRESS, rig.calls.turn(null));
    assertEquals(0, rig.engine.unwrapped);
    assertEquals(
        "TLS connection broken: the peer asked for a renegotiation, which is not allowed",
        rig.reason());
    assertArrayEquals(ALERT, rig.output());
    EngineRig newer = open(flight);
    assertEquals(Turn.PROGRESS, turn(newer, ScriptedEngine.reads(Status.OK, NOTHING, 6)));
    assertFalse(newer.state.hasFailed());
    EngineRig data = EngineRig.server().open("TLSv1.2");
    data.inbox.feed(RECORD.clone());
    assertEquals(Turn.PROGRESS, turn(data, ScriptedEngine.reads(Status.OK, NOTHING, 105)));
    assertFalse(data.state.hasFailed());
  }

  @Test
  @DisplayName("TLS-L9 32 records without data are accepted, by number, and data ends the row")
  void dataless() {
    EngineRig rig = open();
    for (int i = 0; i < 3 * 33; i++) {
      rig.inbox.feed(ALERT.clone());
      boolean data = i % 33 == 32;
      byte[] plain = data ? new byte[1] : new byte[0];
      assertEquals(
          Turn.PROGRESS, turn(rig, ScriptedEngine.reads(Status.OK, NOTHING, ALERT.length, plain)));
    }
    assertEquals(96, rig.calls.datalessRecords());
    for (int i = 0; i < 33; i++) {
      assertFalse(rig.state.hasFailed());
      rig.inbox.feed(ALERT.clone());
      turn(rig, ScriptedEngine.reads(Status.OK, NOTHING, ALERT.length));
    }
    assertEquals(
        "TLS connection broken: the peer sent more than 32 records in a row without data:"
            + " key updates, tickets, warnings or empty ones",
        rig.reason());
    assertEquals(1, rig.engine.outboundClosed);
  }

  @Test
  @DisplayName("TLS-L9 messages of a handshake are not counted")
  void messages() {
    EngineRig rig = EngineRig.client();
    byte[] flight = StubEngine.record(StubEngine.HANDSHAKE, (byte) 'H');
    for (int i = 0; i < 50; i++) {
      rig.inbox.feed(flight.clone());
      turn(rig, ScriptedEngine.reads(Status.OK, HandshakeStatus.NEED_UNWRAP, flight.length));
    }
    assertFalse(rig.state.hasFailed());
    assertEquals(0, rig.calls.datalessRecords());
  }

  @Test
  @DisplayName(
      "TLS-B19 keys are seen in what the peer sends in the handshake, as far as it is read")
  void keys() {
    EngineRig rig = EngineRig.client();
    rig.inbox.feed(RECORD.clone());
    turn(rig, ScriptedEngine.idle(Status.BUFFER_UNDERFLOW, HandshakeStatus.NEED_UNWRAP));
    assertFalse(rig.keys.areSeen());
    turn(rig, ScriptedEngine.reads(Status.OK, HandshakeStatus.NEED_UNWRAP, RECORD.length));
    assertTrue(rig.keys.areSeen());
    EngineRig later = open(RECORD);
    turn(later, ScriptedEngine.reads(Status.OK, NOTHING, RECORD.length));
    assertFalse(later.keys.areSeen());
  }

  @Test
  @DisplayName("TLS-D11 an engine that throws has failed, and what it says is sent")
  void fails() {
    EngineRig rig = open(RECORD);
    rig.engine.onWrap(ScriptedEngine.gives(Status.CLOSED, NOTHING, ALERT));
    assertEquals(Turn.PROGRESS, turn(rig, ScriptedEngine.fails("no")));
    assertEquals("TLS connection broken: no", rig.reason());
    assertArrayEquals(ALERT, rig.output());
    assertEquals(0, rig.buffers.lent);
    EngineRig strange = open(RECORD);
    assertEquals(
        Turn.PROGRESS,
        turn(
            strange,
            (source, target) -> {
              throw new IllegalStateException("no");
            }));
    assertTrue(strange.state.hasFailed());
  }
}
