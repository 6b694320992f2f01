package dev.tercet.testing.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tercet.testing.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the world does about events; what it does about threads is in SimulationTest. */
class SimulatedWorldTest {
  private static final class Told implements SimulatedWorld.Trouble {
    final List<Throwable> failures = new ArrayList<>();

    @Override
    public void deadlock(List<String> waiting) {
      throw new AssertionError("deadlock: " + waiting);
    }

    @Override
    public void eventFailed(Throwable failure) {
      failures.add(failure);
    }
  }

  private final Told told = new Told();
  private final SimulatedWorld world = new SimulatedWorld(1, told);

  @Test
  @DisplayName("KIT-J8 events of one instant happen in their order, before any thread goes on")
  void eventsInOrder() {
    List<String> order = new ArrayList<>();
    world.runAsFirst(
        () -> {
          world.schedule(5, () -> order.add("second at " + world.nanoTime()));
          world.schedule(5, () -> world.schedule(0, () -> order.add("from an event")));
          world.schedule(3, () -> order.add("first at " + world.nanoTime()));
          world.schedule(6, () -> order.add("too late"));
          world.parkNanos(this, 5);
          order.add("thread at " + world.nanoTime());
        });
    assertEquals(List.of("first at 3", "second at 5", "from an event", "thread at 5"), order);
  }

  @Test
  @DisplayName("KIT-J8 what an event throws is told, and the next event happens")
  void failingEvent() {
    IllegalStateException failure = new IllegalStateException("of an event");
    int[] happened = new int[1];
    world.runAsFirst(
        () -> {
          world.schedule(
              1,
              () -> {
                throw failure;
              });
          world.schedule(2, () -> happened[0]++);
          world.parkNanos(this, 3);
        });
    assertEquals(List.of(failure), told.failures);
    assertEquals(1, happened[0]);
  }

  @Test
  @DisplayName("KIT-J8 an event must not wait, and neither may a thread from elsewhere")
  void whoMustNotWait() {
    world.runAsFirst(
        () -> {
          world.schedule(1, () -> world.park(this));
          world.parkNanos(this, 2);
        });
    assertInstanceOf(IllegalStateException.class, told.failures.get(0));
    Message.contains(told.failures.get(0), "must not wait");
    Message.contains(assertThrows(IllegalStateException.class, () -> world.park(this)), "nursery");
  }

  @Test
  @DisplayName("KIT-J8 an unpark that comes first is not lost, as with LockSupport")
  void permits() {
    world.runAsFirst(
        () -> {
          world.unpark(Thread.currentThread());
          world.park(this);
          world.parkNanos(this, 7);
          assertEquals(7, world.nanoTime());
        });
  }
}
