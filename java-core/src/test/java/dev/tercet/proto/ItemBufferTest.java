package dev.tercet.proto;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.TooLongException;
import dev.tercet.support.Stress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ItemBufferTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static ItemBuffer holding(String text) {
    ItemBuffer buffer = new ItemBuffer();
    if (!text.isEmpty()) {
      buffer.received(bytes(text));
    }
    return buffer;
  }

  private static ItemBuffer endedAfter(String text) {
    ItemBuffer buffer = holding(text);
    buffer.ended();
    return buffer;
  }

  @Test
  @DisplayName("a line of exactly the limit passes, with either line end; one byte more does not")
  void lineLimit() throws Exception {
    for (String end : new String[] {"\n", "\r\n"}) {
      assertArrayEquals(bytes("abc"), holding("abc" + end).takeLine(3));
      assertThrows(TooLongException.class, () -> holding("abcd" + end).takeLine(3));
      assertArrayEquals(bytes(""), holding(end).takeLine(0));
    }
    assertNull(holding("abc").takeLine(3));
    assertNull(holding("abc\r").takeLine(3), "a line feed may still come");
    assertThrows(TooLongException.class, () -> holding("abcd").takeLine(3));
    assertThrows(TooLongException.class, () -> holding("abc\rx").takeLine(3));
    assertArrayEquals(bytes("a\rb"), holding("a\rb\n").takeLine(Integer.MAX_VALUE));
  }

  @Test
  @DisplayName("after a limit that was too low the bytes are there, and a higher limit goes on")
  void limitThenMore() throws Exception {
    ItemBuffer buffer = holding("abcdef");
    TooLongException tooLong = assertThrows(TooLongException.class, () -> buffer.takeLine(3));
    assertEquals(3, tooLong.limitBytes());
    assertNull(buffer.takeLine(10));
    buffer.received(bytes("g\nh"));
    assertThrows(TooLongException.class, () -> buffer.takeLine(3));
    assertArrayEquals(bytes("abcdefg"), buffer.takeLine(7));
    assertEquals(1, buffer.size());
    ItemBuffer other = holding("abcdef--");
    assertThrows(TooLongException.class, () -> other.takeUntil(bytes("--"), 5));
    assertArrayEquals(bytes("abcdef"), other.takeUntil(bytes("--"), 6));
    assertEquals(0, other.size());
  }

  @Test
  @DisplayName("the end is clean between lines, and broken inside an item")
  void ends() throws Exception {
    assertNull(endedAfter("").takeLine(9));
    assertThrows(BrokenResourceException.class, () -> endedAfter("a").takeLine(9));
    assertThrows(BrokenResourceException.class, () -> endedAfter("\r").takeLine(9));
    assertThrows(BrokenResourceException.class, () -> endedAfter("ab").takeExactly(3));
    assertThrows(BrokenResourceException.class, () -> endedAfter("").takeExactly(1));
    assertThrows(BrokenResourceException.class, () -> endedAfter("ab-").takeUntil(bytes("--"), 9));
    assertArrayEquals(bytes(""), endedAfter("").takeExactly(0));
    ItemBuffer last = endedAfter("a\nb");
    assertArrayEquals(bytes("a"), last.takeLine(9));
    assertThrows(BrokenResourceException.class, () -> last.takeLine(9));
    assertArrayEquals(bytes("b"), last.takeLineOrRest(9));
    assertNull(last.takeLineOrRest(9));
    assertNull(endedAfter("").takeLineOrRest(9));
    assertThrows(TooLongException.class, () -> endedAfter("abc").takeLineOrRest(2));
  }

  @Test
  @DisplayName("a delimiter that repeats itself is found wherever the naive search finds it")
  void delimiters() throws Exception {
    long seed = Stress.seed(ItemBufferTest.class);
    Random random = new Random(seed);
    for (int i = 0; i < Stress.rounds(20_000, 1_000_000); i++) {
      String text = random(random, random.nextInt(30));
      String delimiter = random(random, 1 + random.nextInt(5));
      int max = random.nextInt(30);
      ItemBuffer buffer = new ItemBuffer();
      int expected = text.indexOf(delimiter);
      String what = "seed " + seed + ": " + delimiter + " in " + text + " up to " + max;
      byte[] found = null;
      boolean tooLong = false;
      for (int at = 0; at < text.length() && found == null && !tooLong; ) {
        int next = Math.min(text.length(), at + 1 + random.nextInt(4));
        buffer.received(bytes(text.substring(at, next)));
        at = next;
        try {
          found = buffer.takeUntil(bytes(delimiter), max);
        } catch (TooLongException e) {
          tooLong = true;
        }
      }
      if (expected >= 0 && expected <= max) {
        assertNotNull(found, what);
        assertArrayEquals(bytes(text.substring(0, expected)), found, what);
      } else {
        assertNull(found, what);
        if (expected > max) {
          assertTrue(tooLong, what);
        }
      }
    }
  }

  private static String random(Random random, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(random.nextBoolean() ? 'a' : 'b');
    }
    return text.toString();
  }

  @Test
  @DisplayName("a line of a million bytes that come one by one is not searched from the front")
  void linearSearch() throws Exception {
    // From the front each time it would be 500,000,000,000 steps, which no test run survives.
    ItemBuffer buffer = new ItemBuffer();
    byte[] a = {'a'};
    for (int i = 0; i < 1_000_000; i++) {
      buffer.space().put(a);
      buffer.received(1);
      assertNull(buffer.takeLine(Integer.MAX_VALUE));
    }
    buffer.received(bytes("\n"));
    byte[] line = buffer.takeLine(Integer.MAX_VALUE);
    assertEquals(1_000_000, line == null ? -1 : line.length);
  }

  @Test
  @DisplayName("for a long item that is known to come more is asked for, between 4 and 64 KiB")
  void spaces() throws Exception {
    ItemBuffer buffer = holding("abc");
    assertEquals(4096, buffer.spaceBytes());
    assertNull(buffer.takeExactly(4100));
    assertEquals(4097, buffer.spaceBytes());
    assertNull(buffer.takeExactly(4098));
    assertEquals(4096, buffer.spaceBytes());
    assertNull(buffer.takeExactly(1_000_000));
    assertEquals(65_536, buffer.spaceBytes());
    assertTrue(buffer.space().remaining() >= 65_536);
    assertNull(buffer.takeLine(10));
    assertEquals(4096, buffer.spaceBytes());
    assertNull(buffer.takeExactly(1_000_000));
    assertNull(buffer.takeUntil(bytes("--"), 10));
    assertEquals(4096, buffer.spaceBytes());
  }

  @Test
  @DisplayName("some of the bytes may be taken between items, and all may be thrown away")
  void some() throws Exception {
    ItemBuffer buffer = holding("abcd\nef");
    assertArrayEquals(bytes("ab"), buffer.takeSome(2));
    ByteBuffer one = ByteBuffer.allocate(1);
    assertEquals(1, buffer.takeSome(one));
    assertEquals('c', one.get(0));
    assertArrayEquals(bytes("d"), buffer.takeLine(10));
    assertArrayEquals(bytes("ef"), buffer.takeSome(10));
    assertEquals(0, buffer.takeSome(10).length);
    ItemBuffer searched = holding("abc");
    assertNull(searched.takeLine(10));
    searched.discard();
    assertEquals(0, searched.size());
    searched.received(bytes("\nx"));
    assertArrayEquals(bytes(""), searched.takeLine(10));
    ItemBuffer taken = holding("abc");
    assertNull(taken.takeLine(10));
    assertEquals(3, taken.takeSome(ByteBuffer.allocate(9)));
    taken.received(bytes("\nx"));
    assertArrayEquals(bytes(""), taken.takeLine(10));
    assertFalse(taken.isEnded());
    taken.ended();
    assertTrue(taken.isEnded());
  }

  @Test
  @DisplayName("an item may be taken up to the end of the stream, without its carriage return")
  void rest() throws Exception {
    ItemBuffer buffer = endedAfter("ab\r");
    assertArrayEquals(bytes("ab"), buffer.takeLineOrRest(9));
    assertEquals(0, buffer.size());
    assertNull(holding("ab").takeLineOrRest(9), "more may come");
    assertThrows(IndexOutOfBoundsException.class, () -> holding("a").takeUntil(new byte[0], 9));
  }
}
