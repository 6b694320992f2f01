package dev.tercet.testing.conformance;

import dev.tercet.BrokenResourceException;
import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.HalfCloseableStream;
import dev.tercet.testing.conformance.Mutant.TwoWay;
import dev.tercet.testing.streams.MemoryStreams;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Streams whose two directions disturb each other, and bad half-closes. */
final class TwoWayMutants {
  static final List<Mutant> ALL =
      List.of(
          Mutant.twoWay("KIT-C42", "a stream that cannot do both directions", OneDirection::new),
          Mutant.pair(
              "KIT-C43",
              "a close that is Broken to the peer if nothing was ever sent",
              () -> {
                AtomicBoolean sent = new AtomicBoolean();
                return MemoryStreams.pair().map(below -> new BrokenIfUnused(below, sent));
              }),
          Mutant.twoWay("KIT-C59", "one latch for both directions", OneLatch::new),
          Mutant.twoWay("KIT-C54", "a close that wakes one of two", WakesOne::new),
          Mutant.halfClose(
              "KIT-C45",
              "a sendEof that sends more",
              below ->
                  new TwoWay(below) {
                    private final AtomicBoolean ended = new AtomicBoolean();

                    @Override
                    public void sendEof() throws IOException, InterruptedException {
                      if (!ended.getAndSet(true)) {
                        sendAll(Must.bytes("!"));
                      }
                      super.sendEof();
                    }
                  }),
          Mutant.halfClose(
              "KIT-C46",
              "a send after sendEof that passes",
              below ->
                  new TwoWay(below) {
                    private final AtomicBoolean ended = new AtomicBoolean();

                    @Override
                    public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
                      if (!ended.get()) {
                        super.sendAll(data);
                      }
                    }

                    @Override
                    public void sendEof() throws IOException, InterruptedException {
                      ended.set(true);
                      super.sendEof();
                    }
                  }),
          Mutant.halfClose(
              "KIT-C47",
              "a second sendEof that fails",
              below ->
                  new TwoWay(below) {
                    private final AtomicInteger ends = new AtomicInteger();

                    @Override
                    public void sendEof() throws IOException, InterruptedException {
                      super.sendEof();
                      if (ends.incrementAndGet() > 1) {
                        throw new IOException("ended already");
                      }
                    }
                  }),
          Mutant.halfClose(
              "KIT-C48",
              "a sendEof that closes both directions",
              below ->
                  new TwoWay(below) {
                    @Override
                    public void sendEof() throws IOException {
                      close();
                    }
                  }),
          Mutant.cloggedHalfClose("KIT-C49", "a sendEof during a send that closes", TwoWay::new),
          Mutant.cloggedHalfClose(
              "KIT-C50", "a sendEof during a wait to send that closes", BusyForSends::new));

  private TwoWayMutants() {}

  private static final class OneLatch extends TwoWay {
    private volatile @Nullable BrokenResourceException broken;

    OneLatch(HalfCloseableStream below) {
      super(below);
    }

    @Override
    public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
      try {
        super.sendAll(data);
      } catch (BrokenResourceException e) {
        broken = e;
        throw e;
      }
    }

    @Override
    public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
      BrokenResourceException failure = broken;
      if (failure != null) {
        throw failure;
      }
      return super.receiveSome(into);
    }
  }

  private static final class OneDirection extends TwoWay {
    private volatile boolean hasSent;

    OneDirection(HalfCloseableStream below) {
      super(below);
    }

    @Override
    public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
      hasSent = true;
      super.sendAll(data);
    }

    @Override
    public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
      int start = into.position();
      int n = super.receiveSome(into);
      if (hasSent && n > 0) {
        into.put(start, (byte) 0);
      }
      return n;
    }
  }

  private static final class BrokenIfUnused extends TwoWay {
    private final AtomicBoolean sent;

    BrokenIfUnused(HalfCloseableStream below, AtomicBoolean sent) {
      super(below);
      this.sent = sent;
    }

    @Override
    public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
      sent.set(true);
      super.sendAll(data);
    }

    @Override
    public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
      int n = super.receiveSome(into);
      if (n == -1 && !sent.get()) {
        throw new BrokenResourceException("a surprising end", null);
      }
      return n;
    }
  }

  private static class CountsSends extends TwoWay {
    final AtomicInteger sends = new AtomicInteger();

    CountsSends(HalfCloseableStream below) {
      super(below);
    }

    @Override
    public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
      sends.incrementAndGet();
      try {
        super.sendAll(data);
      } finally {
        sends.decrementAndGet();
      }
    }
  }

  private static final class WakesOne extends CountsSends {
    private volatile boolean both;

    WakesOne(HalfCloseableStream below) {
      super(below);
    }

    @Override
    public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
      try {
        return super.receiveSome(into);
      } catch (ClosedResourceException e) {
        if (both) {
          return -1;
        }
        throw e;
      }
    }

    @Override
    public void closeForcefully() {
      both = sends.get() > 0;
      super.closeForcefully();
    }
  }

  private static final class BusyForSends extends CountsSends {
    BusyForSends(HalfCloseableStream below) {
      super(below);
    }

    @Override
    public void sendEof() throws IOException, InterruptedException {
      if (sends.get() > 0) {
        throw new BusyResourceException("another task is sending");
      }
      super.sendEof();
    }
  }
}
