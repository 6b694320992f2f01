package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.support.Stress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Interrupts and deadlines against data: whatever cuts a blocking call short, the socket stays
 * open, and each byte is received once and in order.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InterruptStressTest {
  private static final int BYTES = Stress.rounds(10_000, 200_000);

  @Test
  @DisplayName(
      "IO-C3 IO-C4 IO-C8 interrupts and deadlines against data, platform threads: no byte"
          + " lost")
  void platformThreads() throws Exception {
    stress(
        body -> {
          Thread thread = new Thread(body);
          thread.setDaemon(true);
          return thread;
        });
  }

  @Test
  @DisplayName(
      "IO-C3 IO-C4 IO-C8 interrupts and deadlines against data, virtual threads: no byte" + " lost")
  void virtualThreads() throws Exception {
    ThreadFactory factory;
    try {
      Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
      factory =
          (ThreadFactory)
              Class.forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
    } catch (ReflectiveOperationException none) {
      Assumptions.abort("this JVM has no virtual threads");
      return;
    }
    stress(factory);
  }

  private static void stress(ThreadFactory threads) throws Exception {
    long seed = Stress.seed(InterruptStressTest.class);
    StreamPair pair = Net.socketStreamPair();
    try {
      Receiver receiver = new Receiver(pair.right(), new SplittableRandom(seed));
      FutureTask<Void> receiving = new FutureTask<>(receiver::run, null);
      Thread reader = threads.newThread(receiving);
      FutureTask<Void> sending =
          new FutureTask<>(
              () -> {
                send(pair.left(), new SplittableRandom(seed + 1));
                return null;
              });
      threads.newThread(sending).start();
      reader.start();
      SplittableRandom random = new SplittableRandom(seed + 2);
      int interrupts = 0;
      while (!receiving.isDone()) {
        reader.interrupt();
        interrupts++;
        LockSupport.parkNanos(random.nextInt(200_000));
      }
      sending.get(60, TimeUnit.SECONDS);
      receiving.get(60, TimeUnit.SECONDS);
      String tally = receiver + ", sent " + interrupts + " interrupts, seed " + seed;
      System.out.println(tally);
      assertEquals(BYTES, receiver.received, tally);
      // Else this has tested nothing.
      assertTrue(receiver.interrupted > 20, tally);
      assertTrue(receiver.expired > 20, tally);
      assertFalse(pair.right().toString().contains("closed"), tally);
    } finally {
      pair.left().closeForcefully();
      pair.right().closeForcefully();
    }
  }

  /** Byte number n has the value n. */
  private static void send(SocketStream stream, SplittableRandom random)
      throws IOException, InterruptedException {
    for (int sent = 0; sent < BYTES; ) {
      int n = Math.min(1 + random.nextInt(4), BYTES - sent);
      ByteBuffer data = ByteBuffer.allocate(n);
      for (int i = 0; i < n; i++) {
        data.put((byte) (sent + i));
      }
      stream.sendAll(data.flip());
      sent += n;
      LockSupport.parkNanos(random.nextInt(40_000));
    }
    stream.sendEof();
  }

  private static final class Receiver {
    private final SocketStream stream;
    private final SplittableRandom random;
    private final ByteBuffer buffer = ByteBuffer.allocate(16);
    private int received;
    private int interrupted;
    private int expired;
    private int limited;
    private boolean ended;

    Receiver(SocketStream stream, SplittableRandom random) {
      this.stream = stream;
      this.random = random;
    }

    void run() {
      while (!ended) {
        try {
          int dice = random.nextInt(4);
          if (dice == 0) {
            receive();
          } else if (dice == 1) {
            byte[] bytes = stream.receiveSome(1 + random.nextInt(4));
            check(ByteBuffer.wrap(bytes));
            ended = bytes.length == 0;
          } else {
            // Where nothing is waited for, no limit expires but one that is over already.
            int nanos = ++limited / 10 > expired ? 0 : random.nextInt(60_000);
            Duration limit = Duration.ofNanos(nanos);
            if (CancelScope.moveOnAfter(limit).run(this::receive)) {
              expired++;
            }
          }
        } catch (InterruptedException e) {
          interrupted++;
        } catch (IOException e) {
          throw new AssertionError(this + " after an error", e);
        }
      }
    }

    private void receive() throws IOException, InterruptedException {
      ended = stream.receiveSome(buffer.clear()) == -1;
      check(buffer.flip());
    }

    private void check(ByteBuffer bytes) {
      while (bytes.hasRemaining()) {
        byte next = bytes.get();
        assertEquals((byte) received, next, () -> "byte " + received);
        received++;
      }
    }

    @Override
    public String toString() {
      return "received "
          + received
          + ", interrupted "
          + interrupted
          + " times, expired "
          + expired
          + " times";
    }
  }
}
