package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.blocking.Sockets.Ends;
import dev.tercet.loop.EventLoop;
import dev.tercet.support.Stress;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Interrupts and deadlines against send and accept, on real sockets: a wait that is cut short takes
 * nothing with it. Platform threads, and virtual ones where the JVM has them.
 */
@Timeout(300)
class SocketInterruptStressTest {
  private static final int BYTES = Stress.rounds(12_000, 200_000);

  private final EventLoop loop = EventLoop.open("interrupt-stress");
  private final long seed = Stress.seed(SocketInterruptStressTest.class);
  private final Random seeds = new Random(seed);

  @AfterEach
  void close() {
    loop.close();
  }

  private static void run(boolean platform, Nursery.Action body) throws Exception {
    if (platform) {
      ThreadFactory threads = Thread::new;
      Nursery.run(threads, body);
    } else {
      Nursery.run(body); // virtual threads where the JVM has them
    }
  }

  private static byte at(long position) {
    return (byte) (position * 31 ^ position >> 7);
  }

  @ParameterizedTest(name = "platform threads: {0}")
  @ValueSource(booleans = {true, false})
  @DisplayName("IO-C3 IO-C8 interrupts and deadlines against send: what was sent is what was said")
  void sending(boolean platform) throws Exception {
    // Unix: a small window of TCP is opened again after 200 ms only.
    Ends ends = Sockets.unix(loop, loop);
    ends.left().setOption(StandardSocketOptions.SO_SNDBUF, 4096);
    int total = BYTES * 50;
    Cuts cuts = new Cuts(seeds.nextLong());
    long readerSeed = seeds.nextLong();
    run(
        platform,
        nursery -> {
          nursery.startSoon(cuts::interrupt);
          nursery.startSoon(
              () -> {
                Random random = new Random(readerSeed);
                long position = 0;
                ByteBuffer into = ByteBuffer.allocate(2000);
                while (ends.right().receiveSome(into.clear()) != -1) {
                  into.flip();
                  while (into.hasRemaining()) {
                    assertEquals(at(position++), into.get(), "byte " + position);
                  }
                  pause(random);
                }
                assertEquals(total, position);
              });
          nursery.startSoon(
              () -> {
                byte[] bytes = new byte[total];
                for (int i = 0; i < total; i++) {
                  bytes[i] = at(i);
                }
                ByteBuffer data = ByteBuffer.wrap(bytes);
                while (data.hasRemaining()) {
                  cuts.cut(() -> ends.left().socket().send(data));
                }
                cuts.end();
                ends.left().socket().shutdown(How.WRITE);
              });
        });
    cuts.check("sending");
    ends.close();
  }

  @ParameterizedTest(name = "platform threads: {0}")
  @ValueSource(booleans = {true, false})
  @DisplayName("IO-C3 IO-C4 interrupts and deadlines against accept: no connection is lost")
  void accepting(boolean platform) throws Exception {
    int connections = BYTES / 20;
    loop.executor().submit(() -> {}).get();
    int before = Sockets.descriptors();
    Cuts cuts = new Cuts(seeds.nextLong());
    AtomicLong accepted = new AtomicLong();
    try (ListenerSocket listener = Sockets.listener(loop)) {
      run(
          platform,
          nursery -> {
            nursery.startSoon(cuts::interrupt);
            nursery.startSoon(
                () -> {
                  for (int i = 0; i < connections; i++) {
                    StreamSocket client =
                        StreamSocket.open(StandardProtocolFamily.INET, loop.network());
                    client.connect(Objects.requireNonNull(listener.localAddress()));
                    client.send(ByteBuffer.wrap(new byte[] {at(i)}));
                    client.close();
                  }
                });
            nursery.startSoon(
                () -> {
                  ByteBuffer one = ByteBuffer.allocate(1);
                  for (int i = 0; i < connections; i++) {
                    @Nullable StreamSocket[] next = {null};
                    while (next[0] == null) {
                      cuts.cut(() -> next[0] = listener.accept());
                    }
                    StreamSocket connection = Objects.requireNonNull(next[0]);
                    while (one.clear().position() == 0) {
                      cuts.cut(() -> connection.receive(one));
                      if (one.position() > 0) {
                        assertEquals(at(i), one.get(0), "connection " + i);
                        break;
                      }
                    }
                    connection.close();
                    accepted.incrementAndGet();
                  }
                  cuts.end();
                });
          });
    }
    assertEquals(connections, accepted.get());
    cuts.check("accepting");
    Sockets.awaitDescriptors(before);
  }

  @ParameterizedTest(name = "platform threads: {0}")
  @ValueSource(booleans = {true, false})
  @DisplayName("IO-K12 IO-C3 IO-C4 interrupts and deadlines against receiveFrom: none is lost")
  void receivingDatagrams(boolean platform) throws Exception {
    int datagrams = BYTES / 2;
    Cuts cuts = new Cuts(seeds.nextLong());
    long senderSeed = seeds.nextLong();
    AtomicLong received = new AtomicLong();
    try (UdpSocket receiver = UdpSocket.bind("127.0.0.1", 0, loop.network());
        UdpSocket sender = UdpSocket.bind("127.0.0.1", 0, loop.network())) {
      run(
          platform,
          nursery -> {
            nursery.startSoon(cuts::interrupt);
            nursery.startSoon(
                () -> {
                  Random random = new Random(senderSeed);
                  ByteBuffer datagram = ByteBuffer.allocate(Long.BYTES);
                  for (long i = 0; i < datagrams; i++) {
                    // Few under way, so that the kernel always has room, and what it dropped is
                    // none.
                    while (i - received.get() >= 8) {
                      CancelScope.checkpoint();
                      LockSupport.parkNanos(1000);
                    }
                    sender.sendTo(
                        datagram.clear().putLong(0, i),
                        Objects.requireNonNull(receiver.localAddress()));
                    pause(random);
                  }
                });
            nursery.startSoon(
                () -> {
                  // It counts as received when the call has returned, not when the bytes are there.
                  ByteBuffer into = ByteBuffer.allocate(2 * Long.BYTES);
                  boolean[] returned = {false};
                  try {
                    for (long i = 0; i < datagrams; i++) {
                      returned[0] = false;
                      while (!returned[0]) {
                        cuts.cut(
                            () -> {
                              receiver.receiveFrom(into.clear());
                              returned[0] = true;
                            });
                      }
                      assertEquals(Long.BYTES, into.position());
                      assertEquals(i, into.getLong(0));
                      received.incrementAndGet();
                    }
                  } finally {
                    cuts.end();
                  }
                });
          });
    }
    cuts.check("receiving datagrams");
  }

  @Test
  @DisplayName(
      "IO-C6 IO-C8 a blocked receive is interrupted, and then goes on without losing a byte")
  void interruptThenGoOn() throws Exception {
    Ends ends = Sockets.tcp(loop, loop);
    byte[] sent = new byte[3000];
    new Random(seed).nextBytes(sent);
    ByteBuffer received = ByteBuffer.allocate(sent.length);
    for (int i = 0; i < 300; i++) {
      Thread[] reader = {null};
      var attempt =
          Sockets.inThread(
              () -> {
                reader[0] = Thread.currentThread();
                try {
                  ends.left().receiveSome(1);
                  return "received";
                } catch (InterruptedException e) {
                  return "interrupted, flag " + Thread.currentThread().isInterrupted();
                }
              });
      Sockets.await("the reader waits", () -> loop.statistics().waiters() == 1);
      Objects.requireNonNull(reader[0]).interrupt();
      assertEquals("interrupted, flag false", attempt.get());
      ends.right().sendAll(ByteBuffer.wrap(sent, i * 10, 10));
      int end = received.position() + 10;
      while (received.position() < end) {
        ends.left().receiveSome(received);
      }
    }
    assertArrayEquals(sent, received.array());
    // The other direction has not noticed anything.
    ends.left().sendAll(ByteBuffer.wrap(sent, 0, 1));
    assertEquals(sent[0], ends.right().receiveSome(1)[0]);
    ends.close();
  }

  private static void pause(Random random) {
    if (random.nextInt(4) == 0) {
      LockSupport.parkNanos(
          random.nextInt(20_000)); // virtual threads share carriers when they park
    }
    for (int i = random.nextInt(400); i > 0; i--) {
      Thread.onSpinWait();
    }
  }

  /** Something that can be cut short. */
  private interface Operation {
    void run() throws IOException, InterruptedException;
  }

  /** Cuts the operations of one thread short, in two ways, and counts. */
  private final class Cuts {
    private final Random random;
    private final Random interrupterRandom;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong seen = new AtomicLong();
    private volatile @Nullable Thread target;
    private volatile boolean ended;
    private volatile boolean interrupting = true;
    // The target's; read when it has ended.
    private long operations;
    private long interrupted;
    private long expired;
    private long finished;

    Cuts(long seed) {
      random = new Random(seed);
      interrupterRandom = new Random(seed + 1);
    }

    void interrupt() {
      while (!ended) {
        Thread thread = target;
        // One at a time: two interrupts of one flag would be one.
        if (thread != null && seen.get() == sent.get()) {
          sent.incrementAndGet();
          thread.interrupt();
        }
        pause(interrupterRandom);
      }
      interrupting = false;
    }

    void cut(Operation operation) throws IOException {
      target = Thread.currentThread();
      if (++operations % 4 == 0) {
        // On a busy machine all could be over before the interrupter gets a processor.
        while (seen.get() == sent.get()) {
          LockSupport.parkNanos(1000);
        }
      }
      try {
        if (random.nextInt(4) == 0) {
          // Where nothing is waited for, no limit expires but one that is over already.
          long nanos = expired < operations / 10 ? 0 : random.nextInt(30_000);
          Duration limit = Duration.ofNanos(nanos);
          if (CancelScope.moveOnAfter(limit).run(operation::run)) {
            expired++;
            return;
          }
        } else {
          operation.run();
        }
        finished++;
      } catch (InterruptedException e) {
        interrupted++;
        seen.incrementAndGet();
      }
    }

    /** The thread has no more to do; the last interrupt may be on its way, and comes. */
    void end() {
      ended = true;
      while (seen.get() < sent.get() || interrupting) {
        if (Thread.interrupted()) {
          seen.incrementAndGet();
        }
        LockSupport.parkNanos(1000);
      }
    }

    void check(String what) {
      String all = what + ": " + this;
      System.out.println("SocketInterruptStressTest " + all);
      assertEquals(sent.get(), seen.get(), all);
      // Else this has tested nothing.
      assertTrue(interrupted > 20 && expired > 5 && finished > 20, all);
    }

    @Override
    public String toString() {
      return String.format(
          "finished %d, interrupted %d of %d, expired %d, seed %d",
          finished, interrupted, sent.get(), expired, seed);
    }
  }
}
