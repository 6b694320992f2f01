package dev.tercet.testing.conformance;

import static dev.tercet.testing.conformance.TransferMutants.receiving;
import static dev.tercet.testing.conformance.TransferMutants.sending;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import dev.tercet.testing.conformance.Mutant.Receiver;
import dev.tercet.testing.conformance.Mutant.Sender;
import dev.tercet.testing.streams.MemoryStreams.OneWayPair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Streams that close badly, or do not notice that they are closed. */
final class ClosingMutants {
  static final List<Mutant> ALL =
      List.of(
          Mutant.plain(
              "KIT-C14",
              "a send that does not notice that the peer is gone",
              (s, r) -> {
                Deaf deaf = new Deaf(s);
                return sending(s, r, deaf::sendAll);
              }),
          Mutant.plain(
              "KIT-C15",
              "a stream that forgets that it is Broken",
              (s, r) -> {
                AtomicInteger failures = new AtomicInteger();
                return sending(
                    s,
                    r,
                    data -> {
                      try {
                        s.sendAll(data);
                      } catch (BrokenResourceException e) {
                        if (failures.getAndIncrement() % 2 == 0) {
                          throw e;
                        }
                      }
                    });
              }),
          Mutant.plain(
              "KIT-C16",
              "a closed receiver that gets the end",
              (s, r) -> receiving(s, r, into -> endIfClosed(r, into))),
          Mutant.plain(
              "KIT-C17",
              "a receiver that is closed once only",
              (s, r) -> {
                AtomicInteger closes = new AtomicInteger();
                return new OneWayPair<>(
                    s,
                    new Receiver(r) {
                      @Override
                      public void close() throws IOException {
                        super.close();
                        if (closes.incrementAndGet() > 1) {
                          throw new IOException("closed already");
                        }
                      }
                    });
              }),
          Mutant.plain(
              "KIT-C18", "a close that fails on a Broken stream", (s, r) -> brokenClose(s, r)),
          Mutant.plain(
              "KIT-C19",
              "a stream whose Broken outranks Closed",
              (s, r) -> {
                AtomicReference<IOException> broken = new AtomicReference<>();
                return sending(
                    s,
                    r,
                    data -> {
                      if (broken.get() != null) {
                        throw new BrokenResourceException("still", broken.get());
                      }
                      try {
                        s.sendAll(data);
                      } catch (BrokenResourceException e) {
                        broken.set(e);
                        throw e;
                      }
                    });
              }),
          Mutant.plain(
              "KIT-C20",
              "a send of nothing that passes on a closed stream",
              (s, r) ->
                  sending(
                      s,
                      r,
                      data -> {
                        boolean isEmpty = !data.hasRemaining();
                        try {
                          s.sendAll(data);
                        } catch (ClosedResourceException e) {
                          if (!isEmpty) {
                            throw e;
                          }
                        }
                      })),
          Mutant.plain(
              "KIT-C21",
              "a wait to send that passes on a closed stream",
              (s, r) ->
                  new OneWayPair<>(
                      new Sender(s) {
                        @Override
                        public void waitSendAllMightNotBlock()
                            throws IOException, InterruptedException {
                          try {
                            super.waitSendAllMightNotBlock();
                          } catch (ClosedResourceException e) {
                            // As if nothing were wrong.
                          }
                        }
                      },
                      r)),
          Mutant.plain(
              "KIT-C22",
              "a sender that is closed once only",
              (s, r) -> {
                AtomicInteger closes = new AtomicInteger();
                return new OneWayPair<>(
                    new Sender(s) {
                      @Override
                      public void close() throws IOException {
                        super.close();
                        if (closes.incrementAndGet() > 1) {
                          throw new IOException("closed already");
                        }
                      }
                    },
                    r);
              }),
          Mutant.plain(
              "KIT-C23",
              "a graceful close that loses what was not received",
              (s, r) -> {
                AtomicBoolean closed = new AtomicBoolean();
                var lossy = receiving(s, r, into -> closed.get() ? -1 : r.receiveSome(into));
                return new OneWayPair<>(
                    new Sender(s) {
                      @Override
                      public void close() throws IOException {
                        closed.set(true);
                        super.close();
                      }
                    },
                    lossy.receiveStream());
              }),
          Mutant.plain("KIT-C24", "a close that fails after the end", ClosingMutants::endedClose),
          Mutant.plain(
              "KIT-C25",
              "a send that does not notice a forced close of the peer",
              (s, r) -> {
                AtomicBoolean forced = new AtomicBoolean();
                Deaf ignoring = new Deaf(s);
                var deaf =
                    sending(
                        s,
                        r,
                        data -> {
                          if (forced.get()) {
                            ignoring.sendAll(data);
                          } else {
                            s.sendAll(data);
                          }
                        });
                return new OneWayPair<>(deaf.sendStream(), telling(r, forced));
              }),
          Mutant.plain(
              "KIT-C26",
              "a receiver that gets the end after its own forced close",
              (s, r) -> {
                AtomicBoolean forced = new AtomicBoolean();
                var kind =
                    receiving(
                        s, r, into -> forced.get() ? endIfClosed(r, into) : r.receiveSome(into));
                return new OneWayPair<>(s, telling(kind.receiveStream(), forced));
              }),
          Mutant.plain(
              "KIT-C27",
              "a sender that is Broken after its own forced close",
              (s, r) -> {
                AtomicBoolean forced = new AtomicBoolean();
                var wrong =
                    sending(
                        s,
                        r,
                        data -> {
                          if (forced.get()) {
                            throw new BrokenResourceException("gone", null);
                          }
                          s.sendAll(data);
                        });
                return new OneWayPair<>(telling(wrong.sendStream(), forced), r);
              }),
          Mutant.plain(
              "KIT-C28",
              "a forced close that lets bytes appear at the peer",
              (s, r) -> {
                AtomicBoolean forced = new AtomicBoolean();
                var haunted =
                    receiving(
                        s,
                        r,
                        into -> {
                          if (forced.get()) {
                            into.put((byte) 0);
                            return 1;
                          }
                          return r.receiveSome(into);
                        });
                return new OneWayPair<>(telling(s, forced), haunted.receiveStream());
              }),
          Mutant.plain(
              "KIT-C32",
              "a close that gives a waiting receive the end",
              (s, r) -> {
                AtomicBoolean forced = new AtomicBoolean();
                AtomicBoolean closed = new AtomicBoolean();
                var kind =
                    receiving(
                        s,
                        r,
                        into -> {
                          boolean before = closed.get() || forced.get();
                          return before || !into.hasRemaining()
                              ? r.receiveSome(into)
                              : endIfClosed(r, into);
                        });
                return new OneWayPair<>(
                    s,
                    new Receiver(telling(kind.receiveStream(), forced)) {
                      @Override
                      public void close() throws IOException {
                        closed.set(true);
                        super.close();
                      }
                    });
              }),
          Mutant.plain(
              "KIT-C32", "a close that does not wake a waiting receive", ClosingMutants::deafClose),
          Mutant.plain(
              "KIT-C51",
              "an end that does not stay",
              (s, r) -> {
                AtomicInteger ends = new AtomicInteger();
                return receiving(
                    s,
                    r,
                    into -> {
                      int n = r.receiveSome(into);
                      if (n == -1 && ends.incrementAndGet() > 1) {
                        into.put((byte) 0);
                        return 1;
                      }
                      return n;
                    });
              }));

  private ClosingMutants() {}

  private static OneWayPair<?, ?> brokenClose(SendStream s, ReceiveStream r) {
    AtomicBoolean broken = new AtomicBoolean();
    return new OneWayPair<>(
        new Sender(s) {
          @Override
          public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
            try {
              super.sendAll(data);
            } catch (BrokenResourceException e) {
              broken.set(true);
              throw e;
            }
          }

          @Override
          public void close() throws IOException {
            super.close();
            if (broken.get()) {
              throw new BrokenResourceException("no close_notify", null);
            }
          }
        },
        r);
  }

  private static OneWayPair<?, ?> endedClose(SendStream s, ReceiveStream r) {
    AtomicBoolean ended = new AtomicBoolean();
    return new OneWayPair<>(
        s,
        new Receiver(r) {
          @Override
          public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
            int n = super.receiveSome(into);
            ended.set(n == -1);
            return n;
          }

          @Override
          public void close() throws IOException {
            super.close();
            if (ended.get()) {
              throw new IOException("nothing to close");
            }
          }
        });
  }

  private static OneWayPair<?, ?> deafClose(SendStream s, ReceiveStream r) {
    AtomicBoolean waiting = new AtomicBoolean();
    return new OneWayPair<>(
        s,
        new Receiver(r) {
          @Override
          public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
            waiting.set(true);
            try {
              return super.receiveSome(into);
            } finally {
              waiting.set(false);
            }
          }

          @Override
          public void closeForcefully() {
            if (!waiting.get()) {
              super.closeForcefully();
            }
          }
        });
  }

  /**
   * Sends as if nothing were wrong. It asks a Broken stream no second time: 100,000 exceptions take
   * seconds.
   */
  private static final class Deaf {
    private final SendStream s;
    private boolean isBroken;

    Deaf(SendStream s) {
      this.s = s;
    }

    void sendAll(ByteBuffer data) throws IOException, InterruptedException {
      try {
        if (!isBroken) {
          s.sendAll(data);
        }
      } catch (BrokenResourceException e) {
        isBroken = true;
      }
    }
  }

  static int endIfClosed(ReceiveStream r, ByteBuffer into)
      throws IOException, InterruptedException {
    try {
      return r.receiveSome(into);
    } catch (ClosedResourceException e) {
      return -1;
    }
  }

  /** Tells of a forced close. */
  static SendStream telling(SendStream s, AtomicBoolean forced) {
    return new Sender(s) {
      @Override
      public void closeForcefully() {
        forced.set(true);
        super.closeForcefully();
      }
    };
  }

  /** Tells of a forced close. */
  static ReceiveStream telling(ReceiveStream r, AtomicBoolean forced) {
    return new Receiver(r) {
      @Override
      public void closeForcefully() {
        forced.set(true);
        super.closeForcefully();
      }
    };
  }
}
