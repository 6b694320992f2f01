package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.proto.tls.EngineCalls.Turn;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What an engine gives, and whether somebody waits for it, call by call. */
class EngineSendingTest {
  private static final byte[] FLIGHT = StubEngine.record(StubEngine.HANDSHAKE, (byte) 'H');
  private static final byte[] SECRET = StubEngine.record(StubEngine.DATA, (byte) 'S');

  private static ScriptedEngine.Call gives(byte[] record) {
    return ScriptedEngine.gives(Status.OK, HandshakeStatus.NEED_UNWRAP, record);
  }

  /** One turn that wraps what the engine has to say. */
  private static EngineRig wrapped(EngineRig rig, ScriptedEngine.Call call) {
    rig.wish(HandshakeStatus.NEED_WRAP).engine.onWrap(call);
    assertEquals(Turn.PROGRESS, rig.calls.turn(null));
    return rig;
  }

  @Test
  @DisplayName("TLS-R-g what the engine has to say in the handshake is urgent")
  void flight() {
    EngineRig rig = wrapped(EngineRig.client(), gives(FLIGHT));
    assertTrue(rig.isUrgent());
    assertArrayEquals(FLIGHT, rig.output());
    assertEquals(1, rig.engine.wrapped);
  }

  @Test
  @DisplayName(
      "TLS-B12 a TLS 1.3 server's tickets are lazy, known by the missing handshake session")
  void tickets() {
    for (int i = 0; i < 5; i++) {
      EngineRig rig = i == 1 ? EngineRig.client() : EngineRig.server();
      rig.engine.session.open(i == 2 ? "TLSv1.2" : "TLSv1.3");
      rig.engine.hasHandshakeSession = i == 3;
      rig.engine.knowsHandshakeSession = i != 4;
      wrapped(rig, gives(SECRET));
      assertEquals(i != 0, rig.isUrgent(), "case " + i);
      assertEquals(i == 0 ? 0 : SECRET.length, rig.outbox.urgentMark(), "case " + i);
      assertEquals(SECRET.length, rig.outbox.mark(), "case " + i);
    }
  }

  @Test
  @DisplayName("TLS-L3 TLS-R-a after the handshake of 1.3 it is lazy, if the getter wants it too")
  void answers() {
    assertFalse(wrapped(EngineRig.client().open("TLSv1.3"), gives(SECRET)).isUrgent());
    assertTrue(wrapped(EngineRig.client().open("TLSv1.2"), gives(SECRET)).isUrgent());
    EngineRig disputed = EngineRig.client().open("TLSv1.3");
    disputed.inbox.feed(SECRET.clone());
    disputed.engine.onUnwrap(
        ScriptedEngine.reads(Status.OK, HandshakeStatus.NEED_WRAP, SECRET.length));
    disputed.calls.turn(null);
    disputed.engine.onWrap(gives(SECRET));
    disputed.calls.turn(null);
    assertTrue(disputed.isUrgent());
  }

  @Test
  @DisplayName(
      "TLS-L3 what is said of itself to a peer that has closed can wait, after close no more")
  void closed() {
    EngineRig peer = EngineRig.client().open("TLSv1.2");
    peer.state.peerClosed();
    assertFalse(wrapped(peer, gives(SECRET)).isUrgent());
    EngineRig self = EngineRig.client().open("TLSv1.3");
    self.state.close();
    assertTrue(wrapped(self, gives(SECRET)).isUrgent());
    EngineRig failed = EngineRig.client().open("TLSv1.3");
    failed.ending.failByEnd("why");
    assertTrue(wrapped(failed, gives(SECRET)).isUrgent());
  }

  @Test
  @DisplayName("TLS-L4 seventeen lazy records are not lazy any more")
  void lazyLimit() {
    EngineRig rig = EngineRig.client().open("TLSv1.3");
    for (int i = 0; i < 16; i++) {
      wrapped(rig, gives(SECRET));
      assertFalse(rig.isUrgent());
    }
    assertTrue(wrapped(rig, gives(SECRET)).isUrgent());
  }

  @Test
  @DisplayName("TLS-C1 data is not urgent; what goes before it in TLS 1.2 is, in 1.3 not")
  void data() {
    for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
      EngineRig rig = EngineRig.client().open(version);
      rig.engine.onWrap(ScriptedEngine.encrypts(3, SECRET));
      ByteBuffer data = ByteBuffer.allocate(4);
      rig.calls.write(data);
      assertEquals(1, data.remaining());
      assertFalse(rig.outbox.hasUrgent());
      rig.engine.onWrap(gives(FLIGHT));
      rig.calls.write(data);
      assertEquals(1, data.remaining());
      assertEquals(version.equals("TLSv1.2"), rig.outbox.hasUrgent());
      assertArrayEquals(Hellos.join(SECRET, FLIGHT), rig.output());
      rig.wish(HandshakeStatus.NEED_WRAP).engine.onWrap(ScriptedEngine.encrypts(1, SECRET));
      rig.calls.write(data);
      assertEquals(version.equals("TLSv1.2"), rig.outbox.hasUrgent(), "it had a wish of its own");
    }
  }

  @Test
  @DisplayName("TLS-C1 data behind a lazy answer does not wait with it")
  void dataBehindLazy() {
    EngineRig rig = wrapped(EngineRig.client().open("TLSv1.3"), gives(SECRET));
    rig.wish(HandshakeStatus.NOT_HANDSHAKING);
    rig.engine.onWrap(ScriptedEngine.encrypts(1, SECRET));
    rig.calls.write(ByteBuffer.allocate(1));
    rig.outbox.trim();
    assertEquals(1, rig.buffers.lent, "data is not laid by");
  }

  @Test
  @DisplayName("TLS-R-m data that the engine keeps counts as progress, without output too")
  void kept() {
    EngineRig rig = EngineRig.client().open("TLSv1.3");
    ByteBuffer data = ByteBuffer.allocate(20);
    for (int i = 0; i < 20; i++) {
      rig.engine.onWrap(ScriptedEngine.encrypts(1, new byte[0]));
      rig.calls.write(data);
      assertFalse(rig.state.hasFailed());
    }
    assertEquals(0, data.remaining());
  }

  @Test
  @DisplayName("TLS-R-m an engine that takes no data and gives nothing fails at the fifth time")
  void stalls() {
    EngineRig rig = EngineRig.client().open("TLSv1.3");
    ByteBuffer data = ByteBuffer.allocate(20);
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 4; i++) {
        rig.calls.write(data);
        assertFalse(rig.state.hasFailed());
      }
      rig.engine.onWrap(round == 0 ? ScriptedEngine.encrypts(1, new byte[0]) : gives(SECRET));
      rig.calls.write(data);
    }
    for (int i = 0; i < 5; i++) {
      assertFalse(rig.state.hasFailed());
      rig.calls.write(data);
    }
    assertEquals(
        "TLS connection broken: the TLS engine makes no progress in state NOT_HANDSHAKING",
        rig.reason());
  }

  @Test
  @DisplayName("TLS-R-m an engine that wishes to wrap and gives nothing is asked for what it reads")
  void mute() {
    EngineRig rig = wrapped(EngineRig.client(), (source, target) -> idle());
    assertEquals(1, rig.engine.wrapped);
    assertEquals(Turn.STARVED, rig.calls.turn(null));
    assertEquals(1, rig.engine.unwrapped);
    rig.inbox.feed(FLIGHT.clone());
    rig.engine.onUnwrap(ScriptedEngine.reads(Status.OK, HandshakeStatus.NEED_WRAP, FLIGHT.length));
    assertEquals(Turn.PROGRESS, rig.calls.turn(null));
    assertEquals(Turn.PROGRESS, rig.calls.turn(null));
    assertEquals(2, rig.engine.wrapped, "it is asked again once it has read");
  }

  private static SSLEngineResult idle() {
    return new SSLEngineResult(Status.OK, HandshakeStatus.NEED_WRAP, 0, 0);
  }

  @Test
  @DisplayName("TLS-R-m a wrap without output is an idle turn, and one with output is none")
  void idleTurns() {
    EngineRig rig = EngineRig.client();
    // What an idle turn has cost shows in the room of the next unwrap.
    wrapped(rig, gives(FLIGHT));
    rig.wish(HandshakeStatus.NEED_UNWRAP);
    assertEquals(2000, roomOfUnwrap(rig));
    wrapped(rig, (source, target) -> idle());
    assertEquals(4000, roomOfUnwrap(rig));
  }

  @Test
  @DisplayName("TLS-R-m a wrap that needed more room is an idle turn only if it gave nothing then")
  void idleAfterOverflow() {
    for (boolean output : new boolean[] {true, false}) {
      EngineRig rig = EngineRig.client();
      rig.engine.onWrap(ScriptedEngine.idle(Status.BUFFER_OVERFLOW, HandshakeStatus.NEED_UNWRAP));
      wrapped(rig, output ? gives(FLIGHT) : (source, target) -> idle());
      rig.wish(HandshakeStatus.NEED_UNWRAP);
      assertEquals(output ? 2000 : 4000, roomOfUnwrap(rig));
    }
  }

  @Test
  @DisplayName("TLS-R-a a wish to wrap in the result of a wrap counts if it has given something")
  void wishOfAWrap() {
    for (boolean output : new boolean[] {true, false}) {
      EngineRig rig = EngineRig.client().wish(HandshakeStatus.NEED_WRAP);
      rig.engine.onWrap(
          rig.engine.then(
              HandshakeStatus.NEED_UNWRAP,
              output
                  ? ScriptedEngine.gives(Status.OK, HandshakeStatus.NEED_WRAP, FLIGHT)
                  : (source, target) -> idle()));
      assertEquals(Turn.PROGRESS, rig.calls.turn(null));
      assertEquals(output, rig.calls.hasOwnWish());
    }
  }

  @Test
  @DisplayName("TLS-B12 a wrap that gives nothing makes nothing urgent, and is no lazy record")
  void nothingIsUrgent() {
    for (String version : new String[] {"TLSv1.2", "TLSv1.3"}) {
      EngineRig rig = EngineRig.client().open(version);
      rig.engine.onWrap(ScriptedEngine.encrypts(1, SECRET));
      rig.calls.write(ByteBuffer.allocate(1));
      for (int i = 0; i < 20; i++) {
        wrapped(rig, (source, target) -> idle());
        rig.inbox.feed(SECRET.clone());
        rig.engine.onUnwrap(
            ScriptedEngine.reads(Status.OK, HandshakeStatus.NEED_UNWRAP, SECRET.length, (byte) 1));
        assertEquals(Turn.PROGRESS, rig.calls.turn(null));
      }
      assertFalse(rig.state.hasFailed());
      assertFalse(rig.outbox.hasUrgent(), version);
    }
  }

  private static int roomOfUnwrap(EngineRig rig) {
    List<Integer> room = new ArrayList<>();
    rig.engine.onUnwrap(
        (source, target) -> {
          room.add(target.remaining());
          return new SSLEngineResult(Status.BUFFER_UNDERFLOW, rig.engine.status, 0, 0);
        });
    assertEquals(Turn.STARVED, rig.calls.turn(null));
    return room.get(0);
  }

  @Test
  @DisplayName("TLS-G10 an engine that says CLOSED takes no data any more; its bytes count")
  void outboundDone() {
    EngineRig rig =
        wrapped(
            EngineRig.client().open("TLSv1.2"),
            ScriptedEngine.gives(Status.CLOSED, HandshakeStatus.NOT_HANDSHAKING, SECRET));
    assertTrue(rig.state.isOutboundDone());
    assertArrayEquals(SECRET, rig.output());
    assertFalse(wrapped(EngineRig.client().open("TLSv1.2"), gives(SECRET)).state.isOutboundDone());
  }

  /** An engine that wants more room until it is content; returns the room of each call. */
  private static List<Integer> rooms(EngineRig rig, int times, Runnable afterFirst) {
    List<Integer> rooms = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      boolean first = i == 0;
      rig.engine.onWrap(
          (source, target) -> {
            rooms.add(target.remaining());
            if (first) {
              afterFirst.run();
            }
            return new SSLEngineResult(Status.BUFFER_OVERFLOW, HandshakeStatus.NEED_WRAP, 0, 0);
          });
    }
    return rooms;
  }

  @Test
  @DisplayName(
      "TLS-R-e a wrap gets half as much room again, or what the session says, up to a limit")
  void room() {
    EngineRig rig = EngineRig.client();
    rig.engine.session.packetBytes = 80_000;
    List<Integer> rooms = rooms(rig, 1, () -> {});
    wrapped(rig, gives(FLIGHT));
    assertEquals(List.of(80_000), rooms);
    assertArrayEquals(FLIGHT, rig.output());
    assertFalse(rig.state.hasFailed());
    assertEquals(2, rig.engine.wrapped);

    EngineRig most = EngineRig.client();
    most.engine.session.packetBytes = 80_000;
    most.wish(HandshakeStatus.NEED_WRAP);
    // Four of the largest records are 132,392 bytes.
    rooms = rooms(most, 9, () -> most.engine.session.packetBytes = 132_392);
    most.calls.turn(null);
    assertEquals(80_000, rooms.get(0));
    assertTrue(rooms.get(1) >= 132_392);
    assertEquals(
        "TLS handshake failed: the engine finds no room for a record in 132392 bytes",
        most.reason());

    EngineRig half = EngineRig.client();
    half.engine.session.packetBytes = 80_000;
    half.wish(HandshakeStatus.NEED_WRAP);
    rooms = rooms(half, 9, () -> {});
    half.calls.turn(null);
    assertTrue(rooms.get(1) >= 120_000);
    assertEquals(
        "TLS handshake failed: the engine finds no room for a record in 120000 bytes",
        half.reason());
    assertArrayEquals(TlsAlert.INTERNAL_ERROR.record(), half.output());
  }

  @Test
  @DisplayName("TLS-R-b too little room with output is output")
  void overflowWithOutput() {
    EngineRig rig =
        wrapped(
            EngineRig.client(),
            ScriptedEngine.gives(Status.BUFFER_OVERFLOW, HandshakeStatus.NEED_UNWRAP, FLIGHT));
    assertEquals(1, rig.engine.wrapped);
    assertArrayEquals(FLIGHT, rig.output());
  }

  @Test
  @DisplayName("TLS-B9 an engine that throws when it wraps has failed")
  void fails() {
    EngineRig rig = wrapped(EngineRig.client(), ScriptedEngine.fails("no"));
    assertEquals("TLS handshake failed: no", rig.reason());
    EngineRig data = EngineRig.client().open("TLSv1.3");
    data.engine.onWrap(ScriptedEngine.fails("no"));
    data.calls.write(ByteBuffer.allocate(1));
    assertEquals("TLS connection broken: no", data.reason());
  }

  @Test
  @DisplayName(
      "TLS-B19 keys are seen in what this side sends in the handshake, from where it begins")
  void keys() {
    EngineRig rig = wrapped(EngineRig.client(), gives(FLIGHT));
    assertFalse(rig.keys.areSeen());
    wrapped(rig, gives(SECRET));
    assertTrue(rig.keys.areSeen());
    assertFalse(wrapped(EngineRig.client().open("TLSv1.3"), gives(SECRET)).keys.areSeen());
  }

  @Test
  @DisplayName(
      "TLS-L9 data that was sent forgives records without data, as much as the engine took")
  void forgives() {
    EngineRig rig = EngineRig.server().open("TLSv1.3");
    byte[] empty = StubEngine.record(StubEngine.DATA);
    for (int i = 0; i < 34; i++) {
      if (i == 32) {
        rig.engine.onWrap(ScriptedEngine.encrypts(64 * 1024, SECRET));
        rig.calls.write(ByteBuffer.allocate(70_000));
      }
      assertFalse(rig.state.hasFailed());
      rig.inbox.feed(empty.clone());
      rig.engine.onUnwrap(
          ScriptedEngine.reads(Status.OK, HandshakeStatus.NOT_HANDSHAKING, empty.length));
      assertEquals(Turn.PROGRESS, rig.calls.turn(null));
    }
    assertTrue(rig.state.hasFailed());
  }
}
