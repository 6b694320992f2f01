package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an engine wants, by its result and by its getter. */
class EngineWishTest {
  private final EngineWish wish = new EngineWish();

  @ParameterizedTest
  @CsvSource({
    "NEED_UNWRAP,      NEED_WRAP,        true,  NEED_WRAP,        false",
    "NEED_WRAP,        NEED_UNWRAP,      true,  NEED_WRAP,        false",
    "NEED_WRAP,        NEED_UNWRAP,      false, NEED_UNWRAP,      false",
    "NEED_WRAP,        NOT_HANDSHAKING,  true,  NEED_WRAP,        true",
    "NEED_WRAP,        NOT_HANDSHAKING,  false, NOT_HANDSHAKING,  false",
    "FINISHED,         NOT_HANDSHAKING,  true,  NOT_HANDSHAKING,  false",
    "NEED_TASK,        NEED_UNWRAP,      true,  NEED_UNWRAP,      false",
    "NEED_UNWRAP,      NEED_TASK,        false, NEED_TASK,        false",
  })
  @DisplayName("TLS-R-a a wish to wrap in the result of a call that has done something counts")
  void resultAndGetter(
      HandshakeStatus told,
      HandshakeStatus asked,
      boolean progress,
      HandshakeStatus wanted,
      boolean disputed) {
    wish.set(told, asked, progress);
    assertEquals(wanted, wish.status());
    assertEquals(disputed, wish.isDisputed());
  }

  @Test
  @DisplayName(
      "TLS-R-m an engine that wishes to wrap and gives nothing is heard again after it reads")
  void mute() {
    assertFalse(wish.isOwn());
    wish.set(HandshakeStatus.NEED_WRAP);
    assertTrue(wish.isToWrap());
    assertTrue(wish.isOwn());
    assertFalse(wish.isToCompute());
    wish.wrapped(true);
    assertTrue(wish.isToWrap());
    wish.wrapped(false);
    assertFalse(wish.isToWrap());
    assertTrue(wish.wantsToWrap());
    assertFalse(wish.isOwn());
    wish.hasRead();
    assertTrue(wish.isToWrap());
    wish.set(HandshakeStatus.NEED_UNWRAP);
    assertFalse(wish.isOwn());
    wish.wrapped(false);
    wish.set(HandshakeStatus.NEED_WRAP);
    assertTrue(wish.isToWrap(), "it had no wish to wrap when it gave nothing");
    wish.set(HandshakeStatus.NEED_TASK);
    assertTrue(wish.isToCompute());
    assertTrue(wish.isOwn());
  }

  @Test
  @DisplayName("TLS-R-m four turns in a row may achieve nothing")
  void idle() {
    for (int round = 0; round < 3; round++) {
      for (int i = 1; i <= 4; i++) {
        assertFalse(wish.isIdleTooLong());
        assertEquals(i, wish.idleTurns());
      }
      if (round == 0) {
        wish.progress();
      } else if (round == 1) {
        wish.hasRead();
      }
      assertEquals(round == 2 ? 4 : 0, wish.idleTurns());
    }
    assertTrue(wish.isIdleTooLong());
  }
}
