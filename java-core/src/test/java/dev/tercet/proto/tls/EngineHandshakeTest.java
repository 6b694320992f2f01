package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.proto.tls.EngineCalls.Turn;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The beginning and the end of a handshake, and its computations, call by call of the engine. */
class EngineHandshakeTest {
  private static final byte[] FLIGHT = StubEngine.record(StubEngine.HANDSHAKE, (byte) 'H');
  private static final int LENGTH = FLIGHT.length;

  private static ScriptedEngine.Call reads(Status status, HandshakeStatus told) {
    return ScriptedEngine.reads(status, told, LENGTH);
  }

  private static EngineRig fed(EngineRig rig) {
    rig.inbox.feed(FLIGHT.clone());
    return rig;
  }

  @Test
  @DisplayName("TLS-R-n an engine is begun once, and what it wants then is known")
  void begin() {
    EngineRig rig = new EngineRig(false);
    rig.engine.status = HandshakeStatus.NEED_WRAP;
    rig.calls.begin(0);
    assertEquals(0, rig.engine.begun);
    rig.calls.use(rig.engine, PeerDemands.NONE);
    assertFalse(rig.calls.hasOwnWish());
    rig.calls.begin(0);
    rig.calls.begin(0);
    assertEquals(1, rig.engine.begun);
    assertTrue(rig.calls.hasOwnWish());
    assertFalse(rig.calls.wishesToCompute());
  }

  @Test
  @DisplayName("TLS-B9 an engine that cannot begin is a failure, and the peer is told")
  void cannotBegin() {
    for (Exception error : new Exception[] {new SSLException("no"), new SecurityException("no")}) {
      EngineRig rig = new EngineRig(true);
      rig.engine.onBegin = error;
      rig.calls.use(rig.engine, PeerDemands.NONE);
      rig.calls.begin(0);
      assertTrue(rig.state.hasFailed());
      assertArrayEquals(TlsAlert.of(error).record(), rig.output());
    }
  }

  @Test
  @DisplayName("TLS-R6 a computation is asked for once, until somebody takes it")
  void task() {
    EngineRig rig = EngineRig.client().wish(HandshakeStatus.NEED_TASK);
    AtomicInteger runs = new AtomicInteger();
    Runnable task = runs::incrementAndGet;
    rig.engine.task = task;
    assertTrue(rig.calls.wishesToCompute());
    assertTrue(rig.calls.hasOwnWish());
    assertEquals(Turn.TASK, rig.calls.turn(null));
    assertEquals(Turn.TASK, rig.calls.turn(null));
    assertEquals(1, rig.engine.tasksAsked);
    assertFalse(rig.calls.isComputing());
    assertSame(task, rig.calls.takeTask());
    assertTrue(rig.calls.isComputing());
    assertNull(rig.calls.takeTask());
    assertTrue(rig.calls.isComputing());
    rig.engine.status = HandshakeStatus.NEED_WRAP;
    rig.calls.taskDone(null);
    assertFalse(rig.calls.isComputing());
    assertFalse(rig.calls.wishesToCompute());
    assertTrue(rig.calls.hasOwnWish());
    assertEquals(0, runs.get());
  }

  @Test
  @DisplayName(
      "TLS-R-m an engine may have no computation four times, and one starts the count anew")
  void noTask() {
    EngineRig rig = EngineRig.client().wish(HandshakeStatus.NEED_TASK);
    for (int i = 0; i < 4; i++) {
      assertEquals(Turn.PROGRESS, rig.calls.turn(null));
    }
    rig.engine.task = () -> {};
    assertEquals(Turn.TASK, rig.calls.turn(null));
    assertTrue(rig.calls.takeTask() != null);
    rig.calls.taskDone(null);
    for (int i = 0; i < 4; i++) {
      assertEquals(Turn.PROGRESS, rig.calls.turn(null));
      assertFalse(rig.state.hasFailed());
    }
    assertEquals(Turn.PROGRESS, rig.calls.turn(null));
    assertEquals(
        "TLS handshake failed: the TLS engine makes no progress in state NEED_TASK", rig.reason());
    assertArrayEquals(TlsAlert.INTERNAL_ERROR.record(), rig.output());
  }

  @Test
  @DisplayName("TLS-R-m an engine that has no computation is asked what it wants instead")
  void otherWish() {
    EngineRig rig = EngineRig.client().wish(HandshakeStatus.NEED_TASK);
    rig.engine.status = HandshakeStatus.NEED_UNWRAP;
    assertEquals(Turn.PROGRESS, rig.calls.turn(null));
    assertFalse(rig.calls.wishesToCompute());
    assertEquals(Turn.STARVED, rig.calls.turn(null));
  }

  @Test
  @DisplayName(
      "TLS-B9 TLS-R6 what a computation throws, and what asking for one throws, is a failure")
  void taskFails() {
    EngineRig rig = EngineRig.client().wish(HandshakeStatus.NEED_TASK);
    rig.engine.onTask = new IllegalStateException("no");
    assertEquals(Turn.PROGRESS, rig.calls.turn(null));
    assertTrue(rig.state.hasFailed());
    EngineRig thrown = EngineRig.client();
    thrown.calls.taskDone(new SSLException("thrown"));
    assertEquals("TLS handshake failed: thrown", thrown.reason());
    EngineRig later = EngineRig.client();
    later.engine.onStatus = new IllegalStateException("later");
    later.calls.taskDone(null);
    assertTrue(later.state.hasFailed());
  }

  @Test
  @DisplayName("TLS-R6 TLS-H13 a release in a computation closes the engine when that is over")
  void releaseWhileComputing() {
    EngineRig rig = EngineRig.client().wish(HandshakeStatus.NEED_TASK);
    rig.engine.task = () -> {};
    rig.calls.turn(null);
    assertTrue(rig.calls.takeTask() != null);
    rig.outbox.space(1).put((byte) 1);
    rig.outbox.filled(1);
    rig.inbox.feed(new byte[] {1});
    assertFalse(rig.calls.release());
    assertTrue(rig.outbox.isEmpty());
    assertTrue(rig.inbox.isEmpty());
    assertEquals(0, rig.engine.outboundClosed);
    assertEquals(0, rig.buffers.lent);
    assertFalse(rig.calls.release());
    rig.calls.taskDone(new SSLException("late"));
    assertEquals(1, rig.engine.outboundClosed);
    assertEquals(1, rig.engine.inboundClosed);
    assertFalse(rig.state.hasFailed());
    assertTrue(rig.calls.release());
    assertEquals(1, rig.engine.inboundClosed);
  }

  @Test
  @DisplayName("TLS-H13 a release closes the engine at once, and forgets the computation")
  void release() {
    EngineRig rig = EngineRig.client().wish(HandshakeStatus.NEED_TASK);
    rig.engine.task = () -> {};
    rig.calls.turn(null);
    assertTrue(rig.calls.release());
    assertEquals(1, rig.engine.inboundClosed);
    assertNull(rig.calls.takeTask());
    assertFalse(rig.calls.isComputing());
  }

  @Test
  @DisplayName("TLS-L7 the end of a handshake is told by FINISHED, of a wrap or of an unwrap, once")
  void finished() {
    AtomicInteger asked = new AtomicInteger();
    PeerDemands demands =
        facts -> {
          asked.incrementAndGet();
          return null;
        };
    EngineRig unwrapped = fed(new EngineRig(false).begun(demands));
    unwrapped.engine.onUnwrap(reads(Status.OK, HandshakeStatus.FINISHED));
    assertEquals(Turn.PROGRESS, unwrapped.calls.turn(null));
    assertTrue(unwrapped.state.isHandshaken());
    fed(unwrapped).engine.onUnwrap(reads(Status.OK, HandshakeStatus.FINISHED));
    assertEquals(Turn.PROGRESS, unwrapped.calls.turn(null));
    assertEquals(1, asked.get());
    EngineRig wrapped = new EngineRig(false).begun(demands).wish(HandshakeStatus.NEED_WRAP);
    wrapped.engine.onWrap(ScriptedEngine.gives(Status.OK, HandshakeStatus.FINISHED, FLIGHT));
    assertEquals(Turn.PROGRESS, wrapped.calls.turn(null));
    assertTrue(wrapped.state.isHandshaken());
    assertEquals(TlsPhase.OPEN, wrapped.state.phase());
    assertEquals(2, asked.get());
  }

  @Test
  @DisplayName(
      "TLS-L7 TLS-R-d or by a getter that says so, when there are keys and nothing is closed")
  void finishedByGetter() {
    for (int i = 0; i < 4; i++) {
      EngineRig rig = fed(EngineRig.client());
      boolean keys = i != 1;
      boolean closed = i == 2;
      boolean handshaking = i == 3;
      if (keys) {
        rig.engine.session.open("TLSv1.3");
      }
      rig.engine.status =
          handshaking ? HandshakeStatus.NEED_UNWRAP : HandshakeStatus.NOT_HANDSHAKING;
      rig.engine.onUnwrap(
          reads(closed ? Status.CLOSED : Status.OK, HandshakeStatus.NOT_HANDSHAKING));
      assertEquals(Turn.PROGRESS, rig.calls.turn(null));
      assertEquals(i == 0, rig.state.isHandshaken(), "case " + i);
    }
  }

  @Test
  @DisplayName("TLS-R-p a session that is not as demanded is invalidated, and nothing is said")
  void refused() {
    for (boolean throwing : new boolean[] {false, true}) {
      SSLException complaint = new SSLException("wrong name");
      EngineRig rig = fed(new EngineRig(false).begun(facts -> complaint));
      if (throwing) {
        rig.engine.session.onInvalidate = new IllegalStateException("no");
      }
      rig.outbox.space(1).put((byte) 1);
      rig.outbox.filled(1);
      rig.engine.onUnwrap(reads(Status.OK, HandshakeStatus.FINISHED));
      assertEquals(Turn.PROGRESS, rig.calls.turn(null));
      assertFalse(rig.state.isHandshaken());
      assertEquals(1, rig.engine.session.invalidated);
      assertEquals("TLS handshake failed: wrong name", rig.reason());
      assertSame(complaint, rig.cause());
      assertEquals(throwing ? 1 : 0, complaint.getSuppressed().length);
      assertEquals(0, rig.output().length);
    }
  }

  @Test
  @DisplayName("TLS-R-p who is refused just when there is nothing more to read is not waited for")
  void refusedWithoutBytes() {
    EngineRig rig = new EngineRig(false).begun(facts -> new SSLException("no"));
    rig.engine.onUnwrap(ScriptedEngine.idle(Status.BUFFER_UNDERFLOW, HandshakeStatus.FINISHED));
    assertEquals(Turn.PROGRESS, rig.calls.turn(null));
    assertTrue(rig.state.hasFailed());
  }

  @Test
  @DisplayName("TLS-L9 records of the handshake are forgotten when it is over")
  void rowEnds() {
    EngineRig rig = EngineRig.client();
    byte[] warning = StubEngine.record(StubEngine.ALERT, (byte) 'W');
    for (int i = 0; i < 32; i++) {
      rig.inbox.feed(warning.clone());
      rig.engine.onUnwrap(
          ScriptedEngine.reads(Status.OK, HandshakeStatus.NEED_UNWRAP, warning.length));
      assertEquals(Turn.PROGRESS, rig.calls.turn(null));
    }
    fed(rig).engine.onUnwrap(reads(Status.OK, HandshakeStatus.FINISHED));
    rig.calls.turn(null);
    rig.engine.session.open("TLSv1.3");
    rig.inbox.feed(warning.clone());
    rig.engine.onUnwrap(
        ScriptedEngine.reads(Status.OK, HandshakeStatus.NOT_HANDSHAKING, warning.length));
    assertEquals(Turn.PROGRESS, rig.calls.turn(null));
    assertFalse(rig.state.hasFailed());
    assertEquals(33, rig.calls.datalessRecords());
  }

  @Test
  @DisplayName("TLS-N2 a step before there is an engine is an error of this side")
  void noEngine() {
    EngineRig rig = new EngineRig(true);
    assertThrows(IllegalStateException.class, rig.calls::recordRoom);
  }
}
