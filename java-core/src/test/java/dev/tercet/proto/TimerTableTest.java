package dev.tercet.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.proto.TimerTable.Timer;
import dev.tercet.support.Stress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class TimerTableTest {
  private final TimerTable<String> table = new TimerTable<>();

  private Timer<String> add(String name, long deadline) {
    Timer<String> timer = new Timer<>(name);
    table.add(timer, deadline);
    return timer;
  }

  private String due(long now) {
    Timer<String> timer = table.pollDue(now);
    return timer == null ? "none" : timer.value();
  }

  @Test
  @DisplayName("timers come out by deadline, equal ones in the order they went in, none early")
  void order() {
    add("c", 30);
    add("a1", 10);
    add("b", 20);
    add("a2", 10);
    assertEquals("none", due(9));
    assertEquals("a1", due(10));
    assertEquals("a2", due(10));
    assertEquals("none", due(19));
    assertEquals("b", due(100));
    assertEquals("c", due(100));
    assertEquals("none", due(100));
  }

  @Test
  @DisplayName("deadlines may wrap around, as System.nanoTime does")
  void wrapAround() {
    add("after", Long.MIN_VALUE + 5);
    add("before", Long.MAX_VALUE - 5);
    assertEquals("before", due(Long.MAX_VALUE));
    assertEquals("none", due(Long.MAX_VALUE));
    assertEquals("after", due(Long.MIN_VALUE + 5));
  }

  @Test
  @DisplayName("a timer that was taken out leaves nothing behind and can be put in again")
  void remove() {
    Timer<String> timer = add("x", 5);
    assertThrows(IllegalStateException.class, () -> table.add(timer, 6));
    assertTrue(table.remove(timer));
    assertFalse(table.remove(timer));
    assertEquals(0, table.size());
    assertNull(table.first());
    table.add(timer, 7);
    assertSame(timer, table.first());
    assertEquals(7, timer.deadlineNanos());
  }

  @Test
  @DisplayName("random additions, removals and polls agree with a sorted list")
  void model() {
    long seed = Stress.seed(TimerTableTest.class);
    Random random = new Random(seed);
    List<Timer<String>> model = new ArrayList<>();
    for (int i = 0; i < Stress.rounds(20_000, 500_000); i++) {
      int choice = random.nextInt(10);
      if (choice < 5) {
        model.add(add("t" + i, random.nextInt(1000)));
      } else if (choice < 8 && !model.isEmpty()) {
        Timer<String> timer = model.remove(random.nextInt(model.size()));
        assertTrue(table.remove(timer), "seed " + seed);
      } else {
        long now = random.nextInt(1000);
        Timer<String> expected =
            model.stream()
                .filter(timer -> timer.deadlineNanos() <= now)
                .min(Comparator.comparingLong(Timer::deadlineNanos))
                .orElse(null);
        Timer<String> actual = table.pollDue(now);
        assertSame(expected, actual, "seed " + seed + " step " + i);
        model.remove(expected);
      }
      assertEquals(model.size(), table.size(), "seed " + seed);
    }
  }
}
