package dev.tercet.testing.conformance;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.Resource;
import dev.tercet.blocking.IoAction;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import dev.tercet.testing.internal.SplitMix64;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

/** The checks of one direction: what a cancel does; see {@link StreamConformance}. */
final class CancellationChecks {
  private static final long SEED = 20_170;

  /** So many bytes are found by chance nowhere. */
  private static final int MARK = 16;

  private final Checks<? extends SendStream, ? extends ReceiveStream> pairs;
  private final Checks<? extends SendStream, ? extends ReceiveStream> cloggedIfPossible;

  CancellationChecks(
      Checks<? extends SendStream, ? extends ReceiveStream> pairs,
      Checks<? extends SendStream, ? extends ReceiveStream> cloggedIfPossible) {
    this.pairs = pairs;
    this.cloggedIfPossible = cloggedIfPossible;
  }

  void run() throws IOException, InterruptedException {
    for (Cancel cancel : Cancel.values()) {
      closing(cancel);
      entering(cancel);
      sending(cancel);
    }
    receiving();
  }

  private void closing(Cancel cancel) throws IOException, InterruptedException {
    pairs.check(
        "KIT-C29",
        "closing in a cancelled scope closes all the same (" + cancel + ")",
        (check, s, r) -> {
          closeCancelled(cancel, r);
          closeCancelled(cancel, s);
          Must.fail(ClosedResourceException.class, () -> s.sendAll(Must.bytes("x")));
          Must.fail(ClosedResourceException.class, () -> r.receiveSome(1));
        });
  }

  private static void closeCancelled(Cancel cancel, Resource resource)
      throws IOException, InterruptedException {
    boolean unused =
        cancel.returns(
            () -> {
              boolean interrupted = Thread.currentThread().isInterrupted();
              resource.close();
              Must.hold(
                  interrupted == Thread.currentThread().isInterrupted(),
                  () -> "close did not keep the interrupt flag");
            });
  }

  private void entering(Cancel cancel) throws IOException, InterruptedException {
    pairs.check(
        "KIT-C30",
        "sending and receiving in a cancelled scope throw the cancellation (" + cancel + ")",
        (check, s, r) -> {
          Must.hold(!cancel.returns(() -> s.sendAll(Must.bytes("x"))), () -> "the send returned");
          Must.hold(
              !cancel.returns(() -> s.sendAll(new byte[0])), () -> "the send of nothing returned");
          Must.hold(!cancel.returns(() -> r.receiveSome(1)), () -> "the receive returned");
          check.step("KIT-C31", "after that both ends can be closed gracefully, at the same time");
          check.start(s::close);
          check.start(r::close);
        });
  }

  private void receiving() throws IOException, InterruptedException {
    pairs.check(
        "KIT-C52",
        "a hundred cancelled receives lose no byte (seed " + SEED + ")",
        (check, s, r) -> {
          SplitMix64 random = new SplitMix64(SEED);
          byte[] data = random.nextBytes(20_000);
          ByteArrayOutputStream received = new ByteArrayOutputStream();
          CheckTask sending =
              check.start(
                  () -> {
                    for (int at = 0, n; at < data.length; at += n) {
                      n = Math.min(random.nextInt(1, 400), data.length - at);
                      s.sendAll(data, at, n);
                      Check.pause(random.nextInt(0, 200_000));
                    }
                    s.close();
                  });
          SplitMix64 times = new SplitMix64(SEED + 1);
          for (int i = 0; i < 100; i++) {
            CheckTask receiving = check.start(() -> received.writeBytes(r.receiveSome(100)));
            Check.pause(times.nextInt(0, 300_000));
            (i % 2 == 0 ? Cancel.INTERRUPT : Cancel.SCOPE).cancel(receiving);
            receiving.join();
          }
          Must.receiveAll(r, received);
          sending.join();
          Must.hold(
              Arrays.equals(received.toByteArray(), data),
              () -> received.size() + " of " + data.length + " bytes came, or not these");
        });
  }

  private void sending(Cancel cancel) throws IOException, InterruptedException {
    cloggedIfPossible.check(
        "KIT-C53",
        "after a cancelled send nothing hangs, and what comes is what was sent, from the beginning"
            + " on ("
            + cancel
            + ")",
        (check, s, r) -> {
          ByteArrayOutputStream received = new ByteArrayOutputStream();
          byte[] data = new SplitMix64(SEED + 2).nextBytes(200_000);
          CheckTask sending = check.start(() -> s.sendAll(data));
          check.settle();
          CheckTask some = check.start(() -> received.writeBytes(r.receiveSome(1000)));
          check.settle();
          cancel.cancel(sending);
          sending.join();
          cancel.cancel(some);
          some.join();
          CheckTask receiving =
              check.start(() -> brokenOrClosedIsFine(() -> Must.receiveAll(r, received)));
          byte[] more = new SplitMix64(SEED + 3).nextBytes(MARK);
          brokenOrClosedIsFine(() -> s.sendAll(more));
          brokenOrClosedIsFine(s::close);
          receiving.join();
          mustBeBeginningOf(data, more, received.toByteArray());
        });
  }

  /**
   * A clogged stream has something in it already: that comes first. Then comes a beginning of what
   * was sent, and a beginning of what was sent after the cancel.
   */
  private static void mustBeBeginningOf(byte[] data, byte[] more, byte[] received) {
    int start = 0;
    while (start + MARK <= received.length && !startsWith(received, start, data, MARK)) {
      start++;
    }
    if (start + MARK > received.length) {
      return;
    }
    int same = Arrays.mismatch(Arrays.copyOfRange(received, start, received.length), data);
    int furthest = same < 0 ? received.length : start + same;
    // The two may have the next byte in common, so that it is not sure where the one ends.
    boolean fits = false;
    for (int rest = 0; rest <= MARK; rest++) {
      int next = received.length - rest;
      fits |= start <= next && next <= furthest && startsWith(received, next, more, rest);
    }
    boolean isPrefix = fits;
    Must.hold(isPrefix, () -> "the bytes received are no prefix of those sent");
  }

  private static boolean startsWith(byte[] bytes, int at, byte[] beginning, int length) {
    return Arrays.equals(bytes, at, at + length, beginning, 0, length);
  }

  private static void brokenOrClosedIsFine(IoAction action)
      throws IOException, InterruptedException {
    try {
      action.run();
    } catch (BrokenResourceException | ClosedResourceException e) {
      // Either is allowed.
    }
  }
}
