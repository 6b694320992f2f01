package dev.tercet.internal.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BusyResourceException;
import dev.tercet.internal.wait.Waiter;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each step of a cell with each other step between its look at the state and its change of it. The
 * result must be that of one step after the other. {@link ReadinessStressTest} meets these moments
 * too rarely: an event that overwrites a waiter goes unnoticed there.
 */
class ReadinessInterleavingTest {
  /** What a step may be run on. */
  private enum Start {
    IDLE,
    ARMED,
    WAIT,
    POLL,
    CLOSED
  }

  private enum Step {
    INSTALL,
    EVENT,
    UNINSTALL,
    ENTER,
    LEAVE,
    CLOSE
  }

  /** Lets another step run between the look and what follows from it, once. */
  private static final class SteppedCell extends ReadinessCell {
    private static final long serialVersionUID = 1L;
    private transient Runnable between = () -> {};

    SteppedCell(Readiness readiness, int op) {
      super(readiness, op);
    }

    @Override
    @Nullable Object look() {
      Object state = get();
      Runnable step = between;
      between = () -> {};
      step.run();
      return state;
    }
  }

  private static final class CountingWaiter extends AtomicInteger implements Waiter {
    private static final long serialVersionUID = 1L;

    @Override
    public void wake() {
      incrementAndGet();
    }
  }

  /** One cell of one channel, brought into a state, and what the steps on it returned. */
  private static final class Scene {
    private final SteppedCell cell;
    private final PrivatePoll poll;
    private final CountingWaiter old = new CountingWaiter();
    private final List<CountingWaiter> fresh = new ArrayList<>();
    private final List<String> returned = new ArrayList<>();

    Scene(Readiness readiness, int op, Start start) {
      cell = new SteppedCell(readiness, op);
      PrivatePoll own = cell.ownPoll();
      while (own == null) {
        own = cell.ownPoll();
      }
      poll = own;
      switch (start) {
        case IDLE -> {}
        case ARMED -> cell.set(ReadinessCell.ARMED);
        case WAIT -> cell.set(old);
        case POLL -> cell.set(poll);
        case CLOSED -> cell.set(ReadinessCell.CLOSED);
      }
    }

    void run(String name, Step step) {
      returned.add(name + " " + result(step));
      // The order of the two is no part of the result.
      returned.sort(null);
    }

    private String result(Step step) {
      try {
        switch (step) {
          case INSTALL -> {
            CountingWaiter waiter = new CountingWaiter();
            fresh.add(waiter);
            cell.install(waiter);
            return "installed";
          }
          case EVENT -> {
            cell.onEvent();
            return "event";
          }
          case UNINSTALL -> {
            return "taken out: " + cell.uninstall(old);
          }
          case ENTER -> {
            return "entered: " + cell.enter(poll);
          }
          case LEAVE -> {
            return "left: " + cell.leave(poll);
          }
          case CLOSE -> {
            if (cell.getAndSet(ReadinessCell.CLOSED) instanceof Waiter waiter) {
              waiter.wake();
            }
            return "closed";
          }
        }
      } catch (BusyResourceException e) {
        return "busy";
      }
      throw new AssertionError(step);
    }

    /** The state, what was returned, and how often each waiter was woken. */
    String outcome() {
      Object state = cell.get();
      String name = String.valueOf(state);
      if (state == old) {
        name = "the old waiter";
      } else if (state instanceof CountingWaiter waiter) {
        name = "a new waiter, woken " + waiter;
      } else if (state == poll) {
        name = "the poll";
      }
      List<Integer> woken = fresh.stream().map(CountingWaiter::get).sorted().toList();
      poll.close();
      return name + "; " + returned + "; the old one woken " + old + ", new ones " + woken;
    }
  }

  @ParameterizedTest(name = "loop: {0} is one step, whatever runs between its look and its change")
  @EnumSource(names = {"INSTALL", "EVENT", "ENTER"})
  void oneStep(Step outer) throws Exception {
    LoopGroup group = LoopGroup.open("interleaved", 1);
    int changed = 0;
    try (SocketChannel channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      Readiness readiness = new Readiness(group.next(), channel);
      for (int op : new int[] {SelectionKey.OP_READ, SelectionKey.OP_CONNECT}) {
        for (Start start : Start.values()) {
          for (Step inner : Step.values()) {
            String before =
                ordered(new Scene(readiness, op, start), "inner", inner, "outer", outer);
            String after = ordered(new Scene(readiness, op, start), "outer", outer, "inner", inner);
            Scene scene = new Scene(readiness, op, start);
            scene.cell.between = () -> scene.run("inner", inner);
            scene.run("outer", outer);
            String outcome = scene.outcome();
            assertTrue(
                outcome.equals(before) || outcome.equals(after),
                () ->
                    "%s during %s on %s, op %d: %s%nbefore it: %s%nafter it: %s"
                        .formatted(inner, outer, start, op, outcome, before, after));
            if (!before.equals(after)) {
              changed++;
            }
          }
        }
      }
      readiness.close();
    } finally {
      group.close();
    }
    assertTrue(changed >= 10, changed + " pairs whose order shows");
  }

  private static String ordered(Scene scene, String first, Step one, String second, Step two) {
    scene.run(first, one);
    scene.run(second, two);
    return scene.outcome();
  }

  @Test
  @DisplayName("loop: a waiter that goes in while an event turns interest off is not lost")
  void waiterDuringAnEvent() throws Exception {
    LoopGroup group = LoopGroup.open("interleaved", 1);
    try (SocketChannel channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      Readiness readiness = new Readiness(group.next(), channel);
      Scene scene = new Scene(readiness, SelectionKey.OP_READ, Start.ARMED);
      scene.cell.between = () -> scene.run("inner", Step.INSTALL);
      scene.run("outer", Step.EVENT);
      assertEquals(1, scene.fresh.get(0).get());
      assertEquals("ARMED", String.valueOf(scene.cell.get()));
      scene.poll.close();
      readiness.close();
    } finally {
      group.close();
    }
  }
}
