package dev.tercet.testing.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SplitMix64Test {
  @Test
  @DisplayName("KIT-R2 seed 1234567 begins with the numbers that the algorithm's authors print")
  void knownSequence() {
    SplitMix64 random = new SplitMix64(1234567);
    assertEquals(6457827717110365317L, random.nextLong());
    assertEquals(3203168211198807973L, random.nextLong());
    assertEquals("9817491932198370423", Long.toUnsignedString(random.nextLong()));
  }

  @Test
  @DisplayName("KIT-R2 a range is met from end to end and never left")
  void ranges() {
    SplitMix64 random = new SplitMix64(1);
    boolean[] met = new boolean[7];
    for (int i = 0; i < 1000; i++) {
      int n = random.nextInt(-3, 3);
      assertTrue(n >= -3 && n <= 3, () -> "out of range: " + n);
      met[n + 3] = true;
    }
    for (boolean m : met) {
      assertTrue(m);
    }
    assertEquals(5, random.nextInt(5, 5));
    int any = random.nextInt(Integer.MIN_VALUE, Integer.MAX_VALUE);
    assertEquals(any, new SplitMix64(0).nextInt(any, any));
  }

  @Test
  @DisplayName("KIT-R2 bytes are the bits of the numbers, lowest first, and a prefix of any more")
  void bytes() {
    long first = new SplitMix64(9).nextLong();
    byte[] nine = new SplitMix64(9).nextBytes(9);
    for (int i = 0; i < 8; i++) {
      assertEquals((byte) (first >>> (8 * i)), nine[i]);
    }
    byte[] four = new SplitMix64(9).nextBytes(4);
    assertArrayEquals(Arrays.copyOf(nine, 4), four);
  }
}
