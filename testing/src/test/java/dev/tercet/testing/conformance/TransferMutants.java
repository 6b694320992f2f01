package dev.tercet.testing.conformance;

import dev.tercet.BusyResourceException;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.CancelledException;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import dev.tercet.testing.conformance.Mutant.Receiver;
import dev.tercet.testing.conformance.Mutant.Sender;
import dev.tercet.testing.streams.MemoryStreams.OneWayPair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/** Streams that do not bring what is sent. */
final class TransferMutants {
  static final List<Mutant> ALL =
      List.of(
          Mutant.plain(
              "KIT-C2",
              "a send that does not look at scopes",
              (s, r) ->
                  new OneWayPair<>(
                      new Sender(s) {
                        @Override
                        public void sendAll(ByteBuffer data)
                            throws IOException, InterruptedException {
                          if (!Duration.ZERO.equals(CancelScope.timeLeft())) {
                            super.sendAll(data);
                          }
                        }
                      },
                      r)),
          Mutant.plain(
              "KIT-C3",
              "a stream that changes a byte",
              (s, r) ->
                  receiving(
                      s,
                      r,
                      into -> {
                        int n = r.receiveSome(into);
                        into.put(0, (byte) 'X');
                        return n;
                      })),
          Mutant.plain(
              "KIT-C4",
              "a send of nothing that ends the stream",
              (s, r) ->
                  sending(
                      s,
                      r,
                      data -> {
                        // The battery sends nothing in cancelled scopes and on closed streams too.
                        if (data.hasRemaining()) {
                          s.sendAll(data);
                        } else {
                          s.sendAll(data);
                          s.close();
                        }
                      })),
          Mutant.plain(
              "KIT-C5",
              "a send of a part of an array that sends all of it",
              (s, r) ->
                  new OneWayPair<>(
                      new Sender(s) {
                        @Override
                        public void sendAll(byte[] data, int offset, int length)
                            throws IOException, InterruptedException {
                          sendAll(data);
                        }
                      },
                      r)),
          Mutant.plain(
              "KIT-C6",
              "a send that leaves the position where it was",
              (s, r) -> sending(s, r, data -> s.sendAll(data.duplicate()))),
          Mutant.plain(
              "KIT-C7",
              "a receive of less than nothing that gets a byte",
              (s, r) ->
                  new OneWayPair<>(
                      s,
                      new Receiver(r) {
                        @Override
                        public byte[] receiveSome(int maxBytes)
                            throws IOException, InterruptedException {
                          return maxBytes < 0 ? new byte[1] : super.receiveSome(maxBytes);
                        }
                      })),
          Mutant.plain(
              "KIT-C8",
              "a receive into a full buffer that returns 0",
              (s, r) -> receiving(s, r, into -> into.hasRemaining() ? r.receiveSome(into) : 0)),
          Mutant.plain(
              "KIT-C10",
              "a receive without a size that gets the end",
              (s, r) ->
                  new OneWayPair<>(
                      s,
                      new Receiver(r) {
                        @Override
                        public byte[] receiveSome() {
                          return new byte[0];
                        }
                      })),
          Mutant.plain(
              "KIT-C11",
              "a receive that does not advance a direct buffer",
              (s, r) ->
                  receiving(
                      s, r, into -> r.receiveSome(into.isDirect() ? into.duplicate() : into))),
          Mutant.plain(
              "KIT-C12",
              "a stream that lets two receive, one after the other",
              (s, r) -> {
                ReentrantLock lock = new ReentrantLock();
                return receiving(
                    s,
                    r,
                    into -> {
                      if (!into.hasRemaining() || Duration.ZERO.equals(CancelScope.timeLeft())) {
                        return r.receiveSome(into);
                      }
                      lock.lockInterruptibly();
                      try {
                        return r.receiveSome(into);
                      } finally {
                        lock.unlock();
                      }
                    });
              }),
          Mutant.plain(
              "KIT-C12",
              "a stream that gives the second receiver the end",
              (s, r) ->
                  receiving(
                      s,
                      r,
                      into -> {
                        try {
                          return r.receiveSome(into);
                        } catch (BusyResourceException e) {
                          return -1;
                        }
                      })),
          Mutant.plain(
              "KIT-C13",
              "a stream that a cancelled receive closes",
              (s, r) ->
                  receiving(
                      s,
                      r,
                      into -> {
                        boolean late = Duration.ZERO.equals(CancelScope.timeLeft());
                        try {
                          return r.receiveSome(into);
                        } catch (InterruptedException | CancelledException e) {
                          if (!late) {
                            r.closeForcefully();
                          }
                          throw e;
                        }
                      })),
          Mutant.plain(
              "KIT-C55",
              "a receive of nothing before the end",
              (s, r) -> {
                int[] total = new int[2];
                return receiving(
                    s,
                    r,
                    into -> {
                      int n = r.receiveSome(into);
                      total[0] += n;
                      boolean lie =
                          n == -1 && total[0] < 10 && into.capacity() > 1000 && total[1]++ == 0;
                      return lie ? 0 : n;
                    });
              }),
          Mutant.plain(
              "KIT-C56",
              "a send that sends the last of 4097 bytes twice",
              (s, r) ->
                  sending(
                      s,
                      r,
                      data -> {
                        ByteBuffer last = data.duplicate();
                        boolean twice = data.remaining() == 4097;
                        s.sendAll(data);
                        if (twice) {
                          s.sendAll(last.position(last.limit() - 1));
                        }
                      })),
          Mutant.plain(
              "KIT-C58",
              "a send that retains the array",
              (s, r) -> {
                ByteBuffer[] retained = {ByteBuffer.allocate(0), ByteBuffer.allocate(0)};
                return new OneWayPair<>(
                    new Sender(s) {
                      @Override
                      public void sendAll(ByteBuffer data)
                          throws IOException, InterruptedException {
                        synchronized (retained) {
                          retained[0] = data.duplicate();
                          retained[1] =
                              ByteBuffer.allocate(data.remaining()).put(data.duplicate()).flip();
                        }
                        super.sendAll(data);
                      }
                    },
                    new Receiver(r) {
                      @Override
                      public int receiveSome(ByteBuffer into)
                          throws IOException, InterruptedException {
                        int start = into.position();
                        int n = super.receiveSome(into);
                        synchronized (retained) {
                          if (n > 0
                              && into.duplicate().flip().position(start).equals(retained[1])) {
                            into.duplicate().position(start).put(retained[0].duplicate());
                          }
                        }
                        return n;
                      }
                    });
              }));

  private TransferMutants() {}

  /** Another way to send. */
  interface Send {
    void all(ByteBuffer data) throws IOException, InterruptedException;
  }

  /** Another way to receive. */
  interface Receive {
    int some(ByteBuffer into) throws IOException, InterruptedException;
  }

  static OneWayPair<?, ?> sending(SendStream s, ReceiveStream r, Send send) {
    return new OneWayPair<>(
        new Sender(s) {
          @Override
          public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
            send.all(data);
          }
        },
        r);
  }

  static OneWayPair<?, ?> receiving(SendStream s, ReceiveStream r, Receive receive) {
    return new OneWayPair<>(
        s,
        new Receiver(r) {
          @Override
          public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
            return receive.some(into);
          }
        });
  }
}
