package dev.tercet.testing.conformance;

import static dev.tercet.testing.conformance.TransferMutants.receiving;
import static dev.tercet.testing.conformance.TransferMutants.sending;

import dev.tercet.BrokenResourceException;
import dev.tercet.testing.conformance.Mutant.Sender;
import dev.tercet.testing.streams.MemoryStreams.OneWayPair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/** Streams that a cancel spoils. */
final class CancellationMutants {
  static final List<Mutant> ALL =
      List.of(
          Mutant.plain(
              "KIT-C29",
              "a close that does nothing on an interrupted thread",
              (s, r) ->
                  new OneWayPair<>(
                      new Sender(s) {
                        @Override
                        public void close() throws IOException {
                          if (!Thread.currentThread().isInterrupted()) {
                            super.close();
                          }
                        }
                      },
                      r)),
          Mutant.plain(
              "KIT-C29",
              "a close that clears the interrupt flag",
              (s, r) ->
                  new OneWayPair<>(
                      new Sender(s) {
                        @Override
                        public void close() throws IOException {
                          super.close();
                          boolean unused = Thread.interrupted();
                        }
                      },
                      r)),
          Mutant.plain(
              "KIT-C30",
              "a send that does not notice an interrupt",
              (s, r) ->
                  sending(
                      s,
                      r,
                      data -> {
                        if (Thread.currentThread().isInterrupted()) {
                          data.position(data.limit());
                        } else {
                          s.sendAll(data);
                        }
                      })),
          Mutant.plain(
              "KIT-C30",
              "a receive that leaves the interrupt flag set",
              (s, r) ->
                  receiving(
                      s,
                      r,
                      into -> {
                        try {
                          return r.receiveSome(into);
                        } catch (InterruptedException e) {
                          Thread.currentThread().interrupt();
                          throw e;
                        }
                      })),
          Mutant.plain(
              "KIT-C31",
              "a close that fails after a cancelled send",
              (s, r) -> {
                AtomicBoolean spoilt = new AtomicBoolean();
                return new OneWayPair<>(
                    new Sender(s) {
                      @Override
                      public void sendAll(ByteBuffer data)
                          throws IOException, InterruptedException {
                        try {
                          super.sendAll(data);
                        } catch (InterruptedException e) {
                          spoilt.set(true);
                          throw e;
                        }
                      }

                      @Override
                      public void close() throws IOException {
                        super.close();
                        if (spoilt.get()) {
                          throw new BrokenResourceException("spoilt", null);
                        }
                      }
                    },
                    r);
              }),
          Mutant.plain(
              "KIT-C52",
              "a cancelled receive that loses what it has got",
              (s, r) ->
                  receiving(
                      s,
                      r,
                      into -> {
                        int n = r.receiveSome(into);
                        Check.pause(200_000);
                        return n;
                      })),
          Mutant.clogged(
              "KIT-C53",
              "a send that begins with the whole of a cancelled one",
              (s, r) -> {
                AtomicReference<ByteBuffer> unsent = new AtomicReference<>(ByteBuffer.allocate(0));
                return sending(
                    s,
                    r,
                    data -> {
                      ByteBuffer before = unsent.getAndSet(data.duplicate());
                      s.sendAll(before);
                      s.sendAll(data);
                      unsent.set(ByteBuffer.allocate(0));
                    });
              }));

  private CancellationMutants() {}
}
