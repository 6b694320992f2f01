package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.Stream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.internal.tls.OutputBuffers;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import dev.tercet.tls.TlsVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A conversation is interrupted at each call of its transport, one after the other. What must hold:
 * the stream works on, or is Broken; the peer gets a prefix of what was sent; nobody waits for
 * ever; all memory comes back, but for what was just being sent.
 */
@Timeout(120)
class TlsInterruptTest {
  private static final int NEVER = Integer.MAX_VALUE;
  private static final byte[] REQUEST = new byte[50_000];

  static {
    for (int i = 0; i < REQUEST.length; i++) {
      REQUEST[i] = (byte) (i * 7);
    }
  }

  /** Interrupts the calling thread at the chosen call. */
  private static final class Interrupting implements Stream {
    private final Stream below;
    private final int point;
    private final AtomicInteger failedSends;
    int calls;

    Interrupting(Stream below, int point, AtomicInteger failedSends) {
      this.below = below;
      this.point = point;
      this.failedSends = failedSends;
    }

    private void count() {
      if (++calls == point) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
      count();
      try {
        below.sendAll(data);
      } catch (IOException | InterruptedException e) {
        failedSends.incrementAndGet();
        throw e;
      }
    }

    @Override
    public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
      below.waitSendAllMightNotBlock();
    }

    @Override
    public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
      count();
      return below.receiveSome(into);
    }

    @Override
    public void close() throws IOException {
      below.close();
    }

    @Override
    public void closeForcefully() {
      below.closeForcefully();
    }
  }

  @ParameterizedTest
  @CsvSource({"TLS_1_2,true", "TLS_1_2,false", "TLS_1_3,true", "TLS_1_3,false"})
  @DisplayName(
      "TLS-B17 TLS-C7 TLS-C8 TLS-D7 TLS-H8 TLS-H13 an interrupt at any point: no effect, or Broken")
  void everyPoint(TlsVersion version, boolean victimIsClient) throws Exception {
    int calls = converse(version, victimIsClient, NEVER);
    // The handshake has three, then come the request, the reply and close_notify.
    assertTrue(calls >= 6, "only " + calls + " calls");
    for (int point = 1; point <= calls; point++) {
      int made = converse(version, victimIsClient, point);
      assertTrue(
          made >= point,
          "a conversation of " + calls + " was interrupted at " + point + " of " + made);
    }
  }

  /** Returns how many calls of its transport the victim has made. */
  private static int converse(TlsVersion version, boolean victimIsClient, int point)
      throws Exception {
    String what = "interrupted at call " + point;
    Pair<? extends Stream> transports = MemoryStreams.lockstepPair();
    int lent = OutputBuffers.HEAP.lent();
    AtomicInteger failedSends = new AtomicInteger();
    Interrupting counting =
        new Interrupting(
            victimIsClient ? transports.left() : transports.right(), point, failedSends);
    Stream other =
        new Interrupting(
            victimIsClient ? transports.right() : transports.left(), NEVER, failedSends);
    Pair<TlsStream<Stream>> pair =
        TlsPairs.wrap(
            new Pair<Stream>(victimIsClient ? counting : other, victimIsClient ? other : counting),
            TlsPairs.stranger().withVersions(version),
            TlsPairs.SERVER);
    TlsStream<Stream> mine = victimIsClient ? pair.left() : pair.right();
    TlsStream<Stream> theirs = victimIsClient ? pair.right() : pair.left();
    ByteArrayOutputStream got = new ByteArrayOutputStream();
    InThread peer =
        InThread.start(
            () -> {
              try {
                for (byte[] chunk = theirs.receiveSome();
                    chunk.length > 0;
                    chunk = theirs.receiveSome()) {
                  got.writeBytes(chunk);
                  if (got.size() == REQUEST.length) {
                    theirs.sendAll(new byte[5]);
                  }
                }
              } finally {
                theirs.closeForcefully();
              }
            });
    InThread victim =
        InThread.start(
            () -> {
              mine.sendAll(REQUEST);
              for (int n = 0; n < 5; ) {
                n += mine.receiveSome().length;
              }
              mine.close();
            });
    @Nullable Throwable outcome = victim.outcome();
    int calls = counting.calls;
    if (outcome != null) {
      assertTrue(point != NEVER, () -> "nobody has interrupted it: " + outcome);
      assertInstanceOf(InterruptedException.class, outcome, what);
      // Whatever was cut short, the next operation ends. An interrupt that ends it is ours.
      InThread next = InThread.start(() -> mine.receiveSome()).awaitParked();
      next.thread.interrupt();
      Throwable then = next.outcome();
      assertTrue(
          then == null
              || then instanceof InterruptedException
              || then instanceof BrokenResourceException
              || then instanceof ClosedResourceException,
          () -> what + ": " + then);
    }
    mine.closeForcefully();
    Throwable told = peer.outcome();
    assertTrue(told == null || told instanceof BrokenResourceException, () -> what + ": " + told);
    byte[] received = got.toByteArray();
    assertArrayEquals(Arrays.copyOf(REQUEST, received.length), received, what);
    assertEquals(lent + failedSends.get(), OutputBuffers.HEAP.lent(), what);
    return calls;
  }
}
