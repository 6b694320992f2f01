package dev.tercet.proto;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.MemoryChannelStatistics;
import dev.tercet.proto.MemoryChannelState.Handle;
import dev.tercet.proto.MemoryChannelState.Operation;
import dev.tercet.proto.MemoryChannelState.Outcome;
import dev.tercet.support.Stress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MemoryChannelStateTest {
  private static Outcome outcome(Operation<?, ?> operation) {
    return operation.outcome();
  }

  @Test
  @DisplayName("IO-CH2 the capacity must not be negative")
  void capacity() {
    assertThrows(IllegalArgumentException.class, () -> new MemoryChannelState<>(-1));
  }

  @Test
  @DisplayName("IO-CH3 a waiting receiver owns the next message, a waiting sender the freed space")
  void ownership() {
    MemoryChannelState<Integer, String> state = new MemoryChannelState<>(1);
    Handle sender = state.openSender();
    Handle receiver = state.openReceiver();
    Operation<Integer, String> waiting = state.receive(receiver);
    assertSame(Outcome.WAITING, outcome(waiting));
    assertSame(Outcome.DONE, outcome(state.send(sender, 1)));
    assertSame(Outcome.DONE, outcome(waiting));
    assertSame(waiting, state.pollSettled());
    Operation<Integer, String> late = state.receive(receiver);
    assertSame(Outcome.WAITING, outcome(late), "the message is the first receiver's");
    assertTrue(state.withdraw(late));
    assertEquals(1, waiting.message());

    assertSame(Outcome.DONE, outcome(state.send(sender, 2)));
    Operation<Integer, String> blocked = state.send(sender, 3);
    assertEquals(2, state.receive(receiver).message());
    assertSame(Outcome.DONE, outcome(blocked));
    Operation<Integer, String> next = state.send(sender, 4);
    assertSame(Outcome.WAITING, outcome(next), "the space is the first sender's");
    assertEquals(3, state.receive(receiver).message());
    assertEquals(4, state.receive(receiver).message());
  }

  @Test
  @DisplayName("IO-CH5 a withdrawn send delivers nothing; a settled one cannot be withdrawn")
  void withdraw() {
    MemoryChannelState<Integer, String> state = new MemoryChannelState<>(0);
    Handle sender = state.openSender();
    Handle receiver = state.openReceiver();
    Operation<Integer, String> first = state.send(sender, 1);
    Operation<Integer, String> second = state.send(sender, 2);
    assertTrue(state.withdraw(first));
    assertFalse(state.withdraw(first));
    assertEquals(2, state.receive(receiver).message());
    assertFalse(state.withdraw(second));
    assertSame(Outcome.DONE, outcome(second));
  }

  @Test
  @DisplayName("IO-CH4 a close wakes only its own handle; the last one ends the channel")
  void closes() {
    MemoryChannelState<Integer, String> state = new MemoryChannelState<>(1);
    Handle sender1 = state.openSender();
    Handle sender2 = state.openSender();
    Handle receiver1 = state.openReceiver();
    Handle receiver2 = state.openReceiver();
    Operation<Integer, String> receive1 = state.receive(receiver1);
    Operation<Integer, String> receive2 = state.receive(receiver2);
    state.close(receiver1);
    state.close(receiver1);
    assertSame(Outcome.CLOSED, outcome(receive1));
    assertSame(Outcome.WAITING, outcome(receive2));
    assertSame(Outcome.CLOSED, outcome(state.receive(receiver1)));
    state.close(sender1);
    assertSame(Outcome.WAITING, outcome(receive2));
    assertSame(Outcome.CLOSED, outcome(state.send(sender1, 1)));
    state.close(sender2);
    assertSame(Outcome.END, outcome(receive2));
    assertSame(Outcome.END, outcome(state.receive(receiver2)));
    assertSame(receive1, state.pollSettled());
    assertSame(receive2, state.pollSettled());
    assertNull(state.pollSettled());
  }

  @Test
  @DisplayName("IO-CH1 IO-CH4 without receivers senders break and the buffer is dropped")
  void brokenSends() {
    MemoryChannelState<Integer, String> state = new MemoryChannelState<>(1);
    Handle sender = state.openSender();
    Handle receiver = state.openReceiver();
    state.send(sender, 1);
    Operation<Integer, String> blocked = state.send(sender, 2);
    state.close(receiver);
    assertSame(Outcome.BROKEN, outcome(blocked));
    assertSame(Outcome.BROKEN, outcome(state.send(sender, 3)));
    assertEquals(new MemoryChannelStatistics(0, 1, 1, 1, 0, 0, 0), state.statistics());
  }

  @Test
  @DisplayName("IO-CH4 after the last sender the buffer is drained before the end")
  void drains() {
    MemoryChannelState<Integer, String> state = new MemoryChannelState<>(2);
    Handle sender = state.openSender();
    Handle receiver = state.openReceiver();
    state.send(sender, 1);
    state.send(sender, 2);
    state.close(sender);
    assertEquals(1, state.receive(receiver).message());
    assertEquals(2, state.receive(receiver).message());
    assertSame(Outcome.END, outcome(state.receive(receiver)));
  }

  @Test
  @DisplayName("IO-CH2 IO-CH6 whatever happens, messages come out once and in order, and add up")
  void model() {
    long seed = Stress.seed(MemoryChannelStateTest.class);
    for (int capacity : new int[] {0, 1, 3, Integer.MAX_VALUE}) {
      Random random = new Random(seed + capacity);
      MemoryChannelState<Integer, String> state = new MemoryChannelState<>(capacity);
      Handle sender = state.openSender();
      Handle receiver = state.openReceiver();
      List<Operation<Integer, String>> sends = new ArrayList<>();
      List<Operation<Integer, String>> receives = new ArrayList<>();
      int number = 0;
      for (int i = 0; i < Stress.rounds(20_000, 200_000); i++) {
        switch (random.nextInt(5)) {
          case 0, 1 -> sends.add(state.send(sender, number++));
          case 2, 3 -> receives.add(state.receive(receiver));
          default -> {
            var all = random.nextBoolean() ? sends : receives;
            if (!all.isEmpty()) {
              state.withdraw(all.get(all.size() - 1 - random.nextInt(Math.min(5, all.size()))));
            }
          }
        }
        MemoryChannelStatistics now = state.statistics();
        String what = "seed " + seed + " " + now;
        assertTrue(now.buffered() <= capacity && now.peak() >= now.buffered(), what);
        assertTrue(now.waitingReceivers() == 0 || now.buffered() + now.waitingSenders() == 0, what);
        assertTrue(now.waitingSenders() == 0 || now.buffered() == capacity, what);
      }
      int taken = state.statistics().buffered();
      List<Integer> out = new ArrayList<>();
      for (Operation<Integer, String> receive : receives) {
        if (receive.outcome() == Outcome.DONE) {
          out.add(receive.message());
        }
      }
      List<Integer> in = new ArrayList<>();
      for (Operation<Integer, String> send : sends) {
        if (send.outcome() == Outcome.DONE) {
          in.add(send.message());
        }
      }
      assertEquals(in.subList(0, in.size() - taken), out, "seed " + seed);
    }
  }
}
