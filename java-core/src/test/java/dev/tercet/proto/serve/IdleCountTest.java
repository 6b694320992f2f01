package dev.tercet.proto.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class IdleCountTest {
  @Test
  @DisplayName("IO-SV10 a connection is idle when its bytes stay the same in four looks after one")
  void idle() {
    IdleCount count = new IdleCount();
    assertEquals(4, IdleCount.LOOKS);
    assertFalse(count.isIdle(0), "the first look has nothing to compare with");
    for (int look = 1; look < 4; look++) {
      assertFalse(count.isIdle(0), "look " + look);
    }
    assertTrue(count.isIdle(0));
    assertTrue(count.isIdle(0));
    assertFalse(count.isIdle(1));
    for (int look = 1; look < 4; look++) {
      assertFalse(count.isIdle(1), "look " + look);
    }
    assertTrue(count.isIdle(1));
  }
}
