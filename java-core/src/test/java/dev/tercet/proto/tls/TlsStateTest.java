package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.tls.TlsInfo;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The phases of a session. */
class TlsStateTest {
  private final TlsState state = new TlsState();

  @Test
  @DisplayName("TLS-R-n a session begins once, and is open when its facts are known")
  void phases() {
    assertEquals(TlsPhase.CHOOSING, state.phase());
    assertFalse(state.begin(), "there is no engine");
    assertEquals(TlsPhase.CHOOSING, state.phase());
    state.chosen();
    assertEquals(TlsPhase.NEW, state.phase());
    assertTrue(state.begin());
    assertEquals(TlsPhase.HANDSHAKING, state.phase());
    assertFalse(state.begin());
    state.chosen();
    assertEquals(TlsPhase.HANDSHAKING, state.phase());
    assertFalse(state.isHandshaken());
    assertNull(state.info());
    TlsInfo facts = EngineRig.info("TLSv1.3");
    state.open(facts);
    assertEquals(TlsPhase.OPEN, state.phase());
    assertTrue(state.isHandshaken());
    assertTrue(state.isTls13());
    assertSame(facts, state.info());
    assertTrue(state.release());
    assertFalse(state.release());
    assertEquals(TlsPhase.RELEASED, state.phase());
  }

  @Test
  @DisplayName(
      "TLS-B5 a failure is thrown as a copy, by each step; what came before is still known")
  void failure() throws Exception {
    state.chosen();
    state.throwIfFailed();
    assertTrue(state.begin());
    state.open(EngineRig.info("TLSv1.2"));
    assertFalse(state.isTls13());
    assertFalse(state.hasFailed());
    BrokenResourceException e = new BrokenResourceException("why", new Exception("cause"));
    state.fail(e);
    assertEquals(TlsPhase.FAILED, state.phase());
    assertTrue(state.hasFailed());
    assertTrue(state.isHandshaken());
    BrokenResourceException thrown =
        assertThrows(BrokenResourceException.class, state::throwIfFailed);
    assertNotSame(e, thrown);
    assertEquals("why", thrown.reason());
    assertSame(e.getCause(), thrown.getCause());
    state.open(EngineRig.info("TLSv1.2"));
    assertEquals(TlsPhase.FAILED, state.phase());
  }

  @Test
  @DisplayName("TLS-H13 a session that was released stays so")
  void released() {
    state.chosen();
    assertTrue(state.release());
    state.fail(new BrokenResourceException("late", null));
    assertEquals(TlsPhase.RELEASED, state.phase());
    assertTrue(state.hasFailed());
    assertFalse(state.begin());
  }

  @Test
  @DisplayName("TLS-R-j each half is closed for itself")
  void halves() {
    assertFalse(state.isClosed() || state.isOutboundDone() || state.isPeerClosed());
    state.close();
    assertTrue(state.isClosed());
    assertFalse(state.isOutboundDone() || state.isPeerClosed());
    state.outboundDone();
    assertTrue(state.isOutboundDone());
    assertFalse(state.isPeerClosed());
    state.peerClosed();
    assertTrue(state.isPeerClosed());
  }
}
