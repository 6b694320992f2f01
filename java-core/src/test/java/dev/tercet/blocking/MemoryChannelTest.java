package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.EndOfChannelException;
import dev.tercet.WouldBlockException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class MemoryChannelTest {
  private record Running<T>(Thread thread, FutureTask<T> result) {}

  private static <T> Running<T> start(Callable<T> body) {
    FutureTask<T> task = new FutureTask<>(body);
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    thread.start();
    return new Running<>(thread, task);
  }

  private static void awaitWaiting(MemoryChannel<?> channel, int senders, int receivers) {
    while (channel.statistics().waitingSenders() != senders
        || channel.statistics().waitingReceivers() != receivers) {
      Thread.onSpinWait();
    }
  }

  @Test
  @DisplayName("NUR-X27 IO-CH2 a rendezvous: sends wait for receives, first come, first served")
  void rendezvous() throws Exception {
    MemoryChannel<Integer> channel = MemoryChannel.open(0);
    List<Running<?>> senders = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      int number = i;
      senders.add(
          start(
              () -> {
                channel.sender().send(number);
                return number;
              }));
      awaitWaiting(channel, i + 1, 0);
    }
    for (int i = 0; i < 3; i++) {
      assertEquals(i, channel.receiver().receive());
      senders.get(i).result.get();
    }
  }

  @Test
  @DisplayName("NUR-X29 IO-CH3 the …Now forms never wait and never jump the queue")
  void now() throws Exception {
    MemoryChannel<String> channel = MemoryChannel.open(1);
    assertThrows(WouldBlockException.class, () -> channel.receiver().receiveNow());
    channel.sender().sendNow("a");
    assertThrows(WouldBlockException.class, () -> channel.sender().sendNow("b"));
    assertEquals("a", channel.receiver().receiveNow());
    Running<String> receiver = start(() -> channel.receiver().receive());
    awaitWaiting(channel, 0, 1);
    channel.sender().sendNow("c");
    assertThrows(WouldBlockException.class, () -> channel.receiver().receiveNow());
    assertEquals("c", receiver.result.get());
  }

  @Test
  @DisplayName("NUR-X18 IO-CH5 an interrupted send, or one whose scope expires, delivers nothing")
  void cutShort() throws Exception {
    MemoryChannel<String> channel = MemoryChannel.open(0);
    Running<Object> sender =
        start(() -> assertThrows(InterruptedException.class, () -> channel.sender().send("lost")));
    awaitWaiting(channel, 1, 0);
    sender.thread.interrupt();
    sender.result.get();
    assertThrows(WouldBlockException.class, () -> channel.receiver().receiveNow());
    assertTrue(CancelScope.moveOnAfter(Duration.ZERO).run(() -> channel.sender().send("late")));
    assertTrue(
        CancelScope.moveOnAfter(Duration.ofMillis(1)).run(() -> channel.receiver().receive()));
    assertEquals(0, channel.statistics().waitingReceivers(), "no ghost waits on");
    assertThrows(WouldBlockException.class, () -> channel.sender().sendNow("nobody"));
  }

  @Test
  @DisplayName("IO-CH4 duplicates are closed one by one; the last close is the channel's")
  void duplicates() throws Exception {
    MemoryChannel<Integer> channel = MemoryChannel.open(5);
    MemorySendChannel<Integer> second = channel.sender().duplicate();
    MemoryReceiveChannel<Integer> other = channel.receiver().duplicate();
    assertEquals(2, channel.statistics().openSenders());
    Running<Object> closed =
        start(() -> assertThrows(ClosedResourceException.class, () -> other.receive()));
    awaitWaiting(channel, 0, 1);
    other.close();
    closed.result.get();
    assertThrows(ClosedResourceException.class, other::duplicate);
    channel.sender().close();
    channel.sender().close();
    assertThrows(ClosedResourceException.class, () -> channel.sender().send(1));
    assertThrows(ClosedResourceException.class, channel.sender()::duplicate);
    second.send(2);
    second.close();
    List<Integer> all = new ArrayList<>();
    channel.receiver().forEach(all::add);
    assertEquals(List.of(2), all);
    assertThrows(EndOfChannelException.class, () -> channel.receiver().receive());
    assertThrows(EndOfChannelException.class, () -> channel.receiver().receiveNow());
  }

  @Test
  @DisplayName("IO-CH1 senders, blocked and later ones, break when the last receiver is closed")
  void broken() throws Exception {
    MemoryChannel<Integer> channel = MemoryChannel.open(0);
    Running<Object> sender =
        start(() -> assertThrows(BrokenResourceException.class, () -> channel.sender().send(1)));
    awaitWaiting(channel, 1, 0);
    channel.receiver().close();
    sender.result.get();
    assertThrows(BrokenResourceException.class, () -> channel.sender().sendNow(2));
  }

  @Test
  @DisplayName("IO-C4 IO-CH7 a message that was handed over survives an interrupt: 500 races")
  void noneIsLost() throws Exception {
    MemoryChannel<Integer> channel = MemoryChannel.open(0);
    int rounds = 500;
    AtomicInteger received = new AtomicInteger();
    int sent = 0;
    for (int i = 0; i < rounds; i++) {
      Running<Integer> receiver =
          start(
              () -> {
                try {
                  channel.receiver().receive();
                  received.incrementAndGet();
                } catch (InterruptedException e) {
                  // Then there was no message.
                }
                return 0;
              });
      awaitWaiting(channel, 0, 1);
      Running<Void> interrupter =
          start(
              () -> {
                receiver.thread.interrupt();
                return null;
              });
      try {
        channel.sender().sendNow(i);
        sent++;
      } catch (WouldBlockException e) {
        // The interrupt was first.
      }
      interrupter.result.get();
      receiver.result.get();
    }
    assertEquals(sent, received.get());
  }
}
