package dev.tercet.testing.conformance;

import static dev.tercet.testing.conformance.ClosingMutants.telling;

import dev.tercet.BrokenResourceException;
import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.IoAction;
import dev.tercet.blocking.SendStream;
import dev.tercet.testing.conformance.Mutant.Sender;
import dev.tercet.testing.streams.MemoryStreams.OneWayPair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Streams that are wrong when a sender has to wait. */
final class CloggedMutants {
  static final List<Mutant> ALL =
      List.of(
          Mutant.clogged(
              "KIT-C33",
              "a wait to send that returns early",
              (s, r) -> new OneWayPair<>(waiting(s, () -> {}), r)),
          Mutant.clogged(
              "KIT-C34",
              "a stream on which two can wait to send",
              (s, r) -> {
                AtomicInteger waits = new AtomicInteger();
                SendStream shared =
                    waiting(
                        s,
                        () -> {
                          boolean second = waits.incrementAndGet() > 1;
                          try {
                            s.waitSendAllMightNotBlock();
                          } catch (BusyResourceException e) {
                            if (!second && waits.get() < 2) {
                              throw e;
                            }
                          } finally {
                            waits.decrementAndGet();
                          }
                        });
                return new OneWayPair<>(shared, r);
              }),
          Mutant.clogged(
              "KIT-C35",
              "a stream on which one can send while another waits to",
              (s, r) -> new OneWayPair<>(new SharedByWaiter(s), r)),
          Mutant.clogged(
              "KIT-C36",
              "a stream on which two can send",
              (s, r) -> {
                AtomicInteger sends = new AtomicInteger();
                return TransferMutants.sending(
                    s,
                    r,
                    data -> {
                      sends.incrementAndGet();
                      try {
                        s.sendAll(data);
                      } catch (BusyResourceException e) {
                        if (sends.get() < 2) {
                          throw e;
                        }
                      } finally {
                        sends.decrementAndGet();
                      }
                    });
              }),
          Mutant.clogged(
              "KIT-C37",
              "a wait to send that is Closed when the peer closes",
              (s, r) -> {
                AtomicBoolean closed = new AtomicBoolean();
                SendStream wrong =
                    waiting(
                        s,
                        () -> {
                          s.waitSendAllMightNotBlock();
                          if (closed.get()) {
                            throw new ClosedResourceException("closed by the peer");
                          }
                        });
                return new OneWayPair<>(wrong, telling(r, closed));
              }),
          Mutant.clogged(
              "KIT-C38",
              "a wait to send that hangs when the peer is closed",
              (s, r) -> {
                AtomicBoolean closed = new AtomicBoolean();
                SendStream hanging =
                    waiting(
                        s,
                        () -> {
                          if (closed.get()) {
                            new CountDownLatch(1).await();
                          }
                          s.waitSendAllMightNotBlock();
                        });
                return new OneWayPair<>(hanging, telling(r, closed));
              }),
          Mutant.clogged(
              "KIT-C39",
              "a close that gives a waiting send Broken",
              (s, r) ->
                  TransferMutants.sending(
                      s,
                      r,
                      data -> {
                        try {
                          s.sendAll(data);
                        } catch (ClosedResourceException e) {
                          throw new BrokenResourceException("gone", e);
                        }
                      })),
          Mutant.clogged(
              "KIT-C40",
              "a close that lets a wait to send return",
              (s, r) ->
                  new OneWayPair<>(
                      waiting(
                          s,
                          () -> {
                            try {
                              s.waitSendAllMightNotBlock();
                            } catch (ClosedResourceException e) {
                              // As if nothing were wrong.
                            }
                          }),
                      r)));

  private CloggedMutants() {}

  private static SendStream waiting(SendStream s, IoAction wait) {
    return new Sender(s) {
      @Override
      public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
        wait.run();
      }
    };
  }

  /** Lets a send pass while another waits to send, and the other way round. */
  private static final class SharedByWaiter extends Sender {
    private final AtomicInteger sends = new AtomicInteger();
    private final AtomicInteger waits = new AtomicInteger();

    SharedByWaiter(SendStream below) {
      super(below);
    }

    @Override
    public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
      sends.incrementAndGet();
      try {
        super.sendAll(data);
      } catch (BusyResourceException e) {
        if (waits.get() == 0) {
          throw e;
        }
      } finally {
        sends.decrementAndGet();
      }
    }

    @Override
    public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
      waits.incrementAndGet();
      try {
        super.waitSendAllMightNotBlock();
      } catch (BusyResourceException e) {
        if (sends.get() == 0) {
          throw e;
        }
      } finally {
        waits.decrementAndGet();
      }
    }
  }
}
