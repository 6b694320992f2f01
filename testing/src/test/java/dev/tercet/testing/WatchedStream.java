package dev.tercet.testing;

import dev.tercet.blocking.Stream;
import dev.tercet.testing.streams.IoHook;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A transport that counts what is asked of it, keeps what is sent, and sees whether two tasks send
 * at once, or two receive. The hooks run inside, before the call goes on to the stream below.
 */
final class WatchedStream implements Stream {
  private final Stream below;
  private final AtomicBoolean sending = new AtomicBoolean();
  private final AtomicBoolean receiving = new AtomicBoolean();
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  final AtomicInteger sends = new AtomicInteger();
  final AtomicInteger waits = new AtomicInteger();
  final AtomicInteger receives = new AtomicInteger();
  final AtomicInteger closes = new AtomicInteger();

  /** How often a second task was inside. */
  final AtomicInteger overlaps = new AtomicInteger();

  /** The most bytes of one send. */
  final AtomicInteger largestSend = new AtomicInteger();

  volatile boolean keepsSent = true;
  volatile @Nullable IoHook sendHook;
  volatile @Nullable IoHook waitHook;
  volatile @Nullable IoHook receiveHook;

  WatchedStream(Stream below) {
    this.below = below;
  }

  /** The types of the records that were sent: 22 for the handshake, 21 an alert, 23 data. */
  List<Integer> sentRecords() {
    byte[] all = sent.toByteArray();
    List<Integer> types = new ArrayList<>();
    for (int at = 0;
        at < all.length;
        at += 5 + ((all[at + 3] & 0xff) << 8 | (all[at + 4] & 0xff))) {
      types.add((int) all[at]);
    }
    return types;
  }

  private void enter(AtomicBoolean side) {
    if (!side.compareAndSet(false, true)) {
      overlaps.incrementAndGet();
    }
  }

  private static void run(@Nullable IoHook hook) throws IOException, InterruptedException {
    if (hook != null) {
      hook.run();
    }
  }

  @Override
  public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
    sends.incrementAndGet();
    largestSend.accumulateAndGet(data.remaining(), Math::max);
    enter(sending);
    try {
      run(sendHook);
      if (keepsSent) {
        byte[] bytes = new byte[data.remaining()];
        data.duplicate().get(bytes);
        sent.writeBytes(bytes);
      }
      below.sendAll(data);
    } finally {
      sending.set(false);
    }
  }

  @Override
  public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
    waits.incrementAndGet();
    enter(sending);
    try {
      run(waitHook);
      below.waitSendAllMightNotBlock();
    } finally {
      sending.set(false);
    }
  }

  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    receives.incrementAndGet();
    enter(receiving);
    try {
      run(receiveHook);
      return below.receiveSome(into);
    } finally {
      receiving.set(false);
    }
  }

  @Override
  public void close() throws IOException {
    closes.incrementAndGet();
    below.close();
  }

  @Override
  public void closeForcefully() {
    closes.incrementAndGet();
    below.closeForcefully();
  }
}
