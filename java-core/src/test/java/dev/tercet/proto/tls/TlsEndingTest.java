package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.tls.TlsAlertException;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the peer is told at the end of a session, call by call of the engine. */
class TlsEndingTest {
  private static final byte[] ALERT = StubEngine.record(StubEngine.ALERT, (byte) 'X');
  private static final byte[] FLIGHT = StubEngine.record(StubEngine.HANDSHAKE, (byte) 'H');
  private static final byte[] SECRET = StubEngine.record(StubEngine.DATA, (byte) 'S');
  private final SSLException error = new SSLException("bad");

  private static ScriptedEngine.Call gives(byte[] record) {
    return ScriptedEngine.gives(Status.OK, HandshakeStatus.NEED_WRAP, record);
  }

  private static byte[] join(byte[]... parts) {
    return Hellos.join(parts);
  }

  /** With some output that waits already. */
  private static EngineRig rig(boolean server) {
    EngineRig rig = new EngineRig(server).begun(PeerDemands.NONE);
    rig.outbox.space(FLIGHT.length).put(FLIGHT);
    rig.outbox.filled(FLIGHT.length);
    return rig;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("TLS-B19 the engine's alert goes out in the handshake, with the flight before it")
  void alertOfTheEngine(boolean server) {
    EngineRig rig = rig(server);
    rig.engine.onWrap(gives(SECRET));
    rig.engine.onWrap(ScriptedEngine.gives(Status.CLOSED, HandshakeStatus.NEED_WRAP, ALERT));
    rig.ending.fail(error);
    assertTrue(rig.isUrgent());
    assertArrayEquals(join(FLIGHT, SECRET, ALERT), rig.output());
    assertTrue(rig.state.isOutboundDone());
    assertEquals(2, rig.engine.wrapped, "it is asked no more than it takes");
    assertEquals("TLS handshake failed: bad", rig.reason());
    assertEquals(TlsPhase.FAILED, rig.state.phase());
  }

  @Test
  @DisplayName("TLS-B19 an engine that does not know that it has failed gives no alert: we do")
  void engineThatKnowsNothing() {
    EngineRig rig = rig(false);
    rig.engine.onWrap(gives(FLIGHT));
    rig.engine.onWrap(gives(SECRET));
    rig.ending.fail(error);
    assertTrue(rig.isUrgent());
    assertEquals(FLIGHT.length + 7, rig.outbox.mark());
    assertArrayEquals(join(FLIGHT, TlsAlert.HANDSHAKE_FAILURE.record()), rig.output());
    assertFalse(rig.state.isOutboundDone());
  }

  @Test
  @DisplayName("TLS-B19 which alert it is depends on what was thrown")
  void whichAlert() {
    Object[][] cases = {
      {new SSLException("x"), TlsAlert.HANDSHAKE_FAILURE},
      {new IllegalStateException("x"), TlsAlert.INTERNAL_ERROR},
      {new BufferUnderflowException(), TlsAlert.DECODE_ERROR},
      {new BufferOverflowException(), TlsAlert.DECODE_ERROR},
    };
    for (Object[] one : cases) {
      EngineRig rig = rig(true);
      rig.ending.fail((Throwable) one[0]);
      assertArrayEquals(join(FLIGHT, ((TlsAlert) one[1]).record()), rig.output());
      assertInstanceOf(SSLException.class, rig.cause());
    }
  }

  @Test
  @DisplayName("TLS-B9 what is no SSLException is the cause of one")
  void strangeError() {
    EngineRig rig = rig(true);
    IllegalStateException strange = new IllegalStateException("x");
    rig.ending.fail(strange);
    assertEquals("TLS handshake failed: the TLS engine failed", rig.reason());
    assertSame(strange, rig.cause().getCause());
  }

  @Test
  @DisplayName("TLS-B19 an end of the engine's output without an alert counts as its last word")
  void closedWithoutAlert() {
    EngineRig rig = rig(false);
    rig.engine.onWrap(ScriptedEngine.gives(Status.CLOSED, HandshakeStatus.NEED_WRAP, SECRET));
    rig.ending.fail(error);
    assertArrayEquals(join(FLIGHT, SECRET), rig.output());
  }

  @Test
  @DisplayName("TLS-B19 an engine that is closed and has nothing to say gives no alert: we do")
  void closedAndSilent() {
    EngineRig rig = rig(false);
    rig.engine.onWrap(ScriptedEngine.idle(Status.CLOSED, HandshakeStatus.NEED_WRAP));
    rig.ending.fail(error);
    assertArrayEquals(join(FLIGHT, TlsAlert.HANDSHAKE_FAILURE.record()), rig.output());
  }

  @Test
  @DisplayName("TLS-B19 what lies in the memory from before is no alert")
  void oldMemory() {
    EngineRig rig = rig(false);
    rig.engine.onWrap(
        (source, target) -> {
          target.put(target.position(), StubEngine.ALERT);
          return new SSLEngineResult(Status.OK, HandshakeStatus.NEED_WRAP, 0, 0);
        });
    rig.engine.onWrap(gives(SECRET));
    rig.ending.fail(error);
    assertArrayEquals(join(FLIGHT, TlsAlert.HANDSHAKE_FAILURE.record()), rig.output());
  }

  @Test
  @DisplayName("TLS-D11 after the handshake all that the engine gives goes out, and nothing else")
  void afterTheHandshake() {
    EngineRig rig = rig(false).open("TLSv1.3");
    rig.engine.onWrap(gives(SECRET));
    rig.ending.fail(error);
    assertArrayEquals(join(FLIGHT, SECRET), rig.output());
    assertEquals("TLS connection broken: bad", rig.reason());
    EngineRig silent = rig(false).open("TLSv1.3");
    silent.ending.fail("why", TlsAlert.INTERNAL_ERROR);
    assertArrayEquals(FLIGHT, silent.output(), "no alert in plaintext");
  }

  @Test
  @DisplayName("TLS-R2 an engine that never stops is asked eight times")
  void neverStops() {
    EngineRig rig = rig(false).open("TLSv1.3");
    for (int i = 0; i < 20; i++) {
      rig.engine.onWrap(gives(ALERT));
    }
    rig.ending.fail(error);
    assertEquals(8, rig.engine.wrapped);
    assertEquals(FLIGHT.length + 8 * ALERT.length, rig.output().length);
  }

  @Test
  @DisplayName("TLS-R-i an alert behind silence or a second exception is found")
  void lateAlert() {
    EngineRig rig = rig(true);
    rig.engine.onWrap(ScriptedEngine.fails("late"));
    rig.engine.onWrap(ScriptedEngine.idle(Status.OK, HandshakeStatus.NEED_WRAP));
    rig.engine.onWrap(
        (source, target) -> {
          throw new IllegalStateException("later");
        });
    rig.engine.onWrap(gives(ALERT));
    rig.ending.fail(error);
    assertArrayEquals(join(FLIGHT, ALERT), rig.output());
    assertEquals("TLS handshake failed: bad", rig.reason());
  }

  @Test
  @DisplayName("TLS-R-i an engine that has no more to say is not asked again")
  void noMore() {
    EngineRig rig = rig(true).open("TLSv1.3");
    rig.engine.onWrap(ScriptedEngine.idle(Status.BUFFER_OVERFLOW, HandshakeStatus.NEED_WRAP));
    rig.ending.fail(error);
    assertEquals(1, rig.engine.wrapped);
    EngineRig more = rig(true).open("TLSv1.3");
    more.engine.onWrap(
        ScriptedEngine.gives(Status.BUFFER_UNDERFLOW, HandshakeStatus.NEED_WRAP, SECRET));
    more.engine.onWrap(ScriptedEngine.idle(Status.CLOSED, HandshakeStatus.NEED_WRAP));
    more.ending.fail(error);
    assertEquals(2, more.engine.wrapped);
    assertTrue(more.state.isOutboundDone());
  }

  @Test
  @DisplayName("TLS-G8 a peer that has sent an alert gets none, but what the engine gives")
  void alertOfThePeer() {
    EngineRig rig = rig(true);
    rig.ending.fail(new SSLException("Received fatal alert: unknown_ca"));
    assertArrayEquals(FLIGHT, rig.output());
    assertEquals("unknown_ca", assertInstanceOf(TlsAlertException.class, rig.cause()).alert());
    assertEquals("TLS handshake failed: the peer sent the alert unknown_ca", rig.reason());
  }

  @Test
  @DisplayName("TLS-B5 the first failure is the one that counts, and the peer hears of one")
  void once() {
    EngineRig rig = rig(true);
    rig.ending.fail("first", TlsAlert.INTERNAL_ERROR);
    assertTrue(rig.isUrgent());
    assertArrayEquals(join(FLIGHT, TlsAlert.INTERNAL_ERROR.record()), rig.output());
    rig.ending.fail("second", TlsAlert.INTERNAL_ERROR);
    rig.ending.fail(new SSLException("third"));
    rig.ending.failByEnd("fourth");
    assertEquals(0, rig.output().length);
    assertEquals("TLS handshake failed: first", rig.reason());
  }

  @Test
  @DisplayName("TLS-B10 a peer that has ended the handshake gets what the engine gives, no more")
  void end() {
    EngineRig rig = rig(true);
    rig.ending.failByEnd("gone");
    assertTrue(rig.isUrgent());
    assertArrayEquals(FLIGHT, rig.output());
    assertEquals("TLS handshake failed: gone", rig.reason());
    EngineRig other = rig(true);
    other.engine.onWrap(gives(ALERT));
    other.ending.failByEnd("gone");
    assertTrue(other.isUrgent());
    assertArrayEquals(join(FLIGHT, ALERT), other.output());
  }

  @Test
  @DisplayName("TLS-H1 close_notify is collected, and is urgent")
  void close() {
    EngineRig rig = rig(false).open("TLSv1.3");
    rig.engine.onWrap(ScriptedEngine.gives(Status.CLOSED, HandshakeStatus.NEED_WRAP, ALERT));
    assertFalse(rig.state.isClosed());
    rig.ending.close();
    assertTrue(rig.state.isClosed());
    assertEquals(1, rig.engine.outboundClosed);
    assertTrue(rig.isUrgent());
    assertArrayEquals(join(FLIGHT, ALERT), rig.output());
    assertFalse(rig.state.hasFailed());
  }

  @Test
  @DisplayName("TLS-H1 an engine that throws when it is closed is asked for its close_notify")
  void closeThrows() {
    EngineRig rig = rig(false).open("TLSv1.3");
    rig.engine.onCloseOutbound = new IllegalStateException("no");
    rig.engine.onWrap(gives(ALERT));
    rig.ending.close();
    assertArrayEquals(join(FLIGHT, ALERT), rig.output());
    assertFalse(rig.state.hasFailed());
  }

  @Test
  @DisplayName("TLS-L9 TLS-K6 who is refused after the handshake gets close_notify, else an alert")
  void refuse() {
    EngineRig rig = rig(false).open("TLSv1.2");
    rig.engine.onWrap(ScriptedEngine.gives(Status.CLOSED, HandshakeStatus.NEED_WRAP, ALERT));
    rig.ending.refuse("not that");
    assertEquals(1, rig.engine.outboundClosed);
    assertTrue(rig.state.isClosed());
    assertTrue(rig.isUrgent());
    assertArrayEquals(join(FLIGHT, ALERT), rig.output());
    assertEquals("TLS connection broken: not that", rig.reason());
    EngineRig early = rig(false);
    early.ending.refuse("not that");
    assertEquals(0, early.engine.outboundClosed);
    assertFalse(early.state.isClosed());
    assertTrue(early.isUrgent());
    assertArrayEquals(join(FLIGHT, TlsAlert.UNEXPECTED_MESSAGE.record()), early.output());
  }

  @Test
  @DisplayName(
      "TLS-B19 when keys are in use, a client has its engine close, and a server is silent")
  void keysInUse() {
    for (boolean server : new boolean[] {false, true}) {
      EngineRig rig = rig(server);
      rig.keys.sent(ByteBuffer.wrap(SECRET).position(SECRET.length), 0);
      for (int i = 0; i < 8; i++) {
        rig.engine.onWrap(ScriptedEngine.idle(Status.OK, HandshakeStatus.NEED_WRAP));
      }
      rig.engine.onWrap(gives(ALERT));
      rig.ending.fail(error);
      assertEquals(server ? 0 : 1, rig.engine.outboundClosed);
      assertArrayEquals(server ? FLIGHT : join(FLIGHT, ALERT), rig.output());
    }
  }

  @Test
  @DisplayName("TLS-B19 behind this side's close_notify there is no alert")
  void failureAfterClose() {
    EngineRig rig = rig(true);
    rig.ending.close();
    rig.ending.fail(error);
    assertArrayEquals(FLIGHT, rig.output());
  }

  @Test
  @DisplayName(
      "TLS-H13 both halves of the engine are closed, whatever it throws; output is dropped")
  void closeEngine() {
    for (Exception thrown : new Exception[] {error, new IllegalStateException("no")}) {
      EngineRig rig = rig(true);
      rig.engine.onCloseInbound = thrown;
      rig.engine.onWrap(gives(ALERT));
      rig.ending.closeEngine();
      assertEquals(1, rig.engine.outboundClosed);
      assertEquals(1, rig.engine.inboundClosed);
      assertEquals(0, rig.buffers.lent);
      assertEquals(0, rig.output().length);
      assertNull(rig.state.failure());
    }
  }

  @Test
  @DisplayName("TLS-N2 without an engine there is an alert in plaintext, and nothing to close")
  void withoutEngine() {
    EngineRig rig = new EngineRig(true);
    rig.ending.failWithoutEngine(TlsAlert.UNRECOGNIZED_NAME, "not here", error);
    assertArrayEquals(TlsAlert.UNRECOGNIZED_NAME.record(), rig.output());
    assertEquals("not here", rig.reason());
    EngineRig other = new EngineRig(true);
    other.ending.fail("no", TlsAlert.INTERNAL_ERROR);
    assertArrayEquals(TlsAlert.INTERNAL_ERROR.record(), other.output());
    EngineRig third = new EngineRig(true);
    third.ending.failWithoutEngine(TlsAlert.UNRECOGNIZED_NAME, "not here", error);
    third.ending.closeEngine();
    assertEquals(0, third.output().length);
    assertEquals(0, third.buffers.lent);
  }

  @Test
  @DisplayName("TLS-G2 a failure about which the peer is not told drops what waits")
  void silently() {
    EngineRig rig = rig(true);
    rig.ending.failSilently("gone", error);
    assertEquals(0, rig.output().length);
    assertEquals(0, rig.engine.wrapped);
    assertNotNull(rig.state.failure());
    assertSame(error, rig.cause());
    assertEquals("gone", rig.reason());
  }
}
