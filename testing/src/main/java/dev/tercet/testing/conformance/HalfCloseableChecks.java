package dev.tercet.testing.conformance;

import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.HalfCloseableStream;
import dev.tercet.blocking.IoAction;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The checks of half-closes; see {@link StreamConformance}. */
final class HalfCloseableChecks {
  private final Checks<? extends HalfCloseableStream, ? extends HalfCloseableStream> pairs;
  private final @Nullable Checks<? extends HalfCloseableStream, ? extends HalfCloseableStream>
      clogged;

  HalfCloseableChecks(
      Checks<? extends HalfCloseableStream, ? extends HalfCloseableStream> pairs,
      @Nullable Checks<? extends HalfCloseableStream, ? extends HalfCloseableStream> clogged) {
    this.pairs = pairs;
    this.clogged = clogged;
  }

  void run() throws IOException, InterruptedException {
    halfClose();
    if (clogged != null) {
      clogged.check(
          "KIT-C49",
          "of one that sends and one that sends the end one is Busy",
          (check, left, right) ->
              exactlyOneIsBusy(check, () -> left.sendAll(Must.bytes("x")), left::sendEof));
      clogged.check(
          "KIT-C50",
          "of one that waits to send and one that sends the end one is Busy",
          (check, left, right) ->
              exactlyOneIsBusy(check, left::waitSendAllMightNotBlock, left::sendEof));
    }
  }

  private void halfClose() throws IOException, InterruptedException {
    pairs.check(
        "KIT-C45",
        "after sendEof the peer gets what was sent, then the end",
        (check, left, right) -> {
          CheckTask sending =
              check.start(
                  () -> {
                    left.sendAll(Must.bytes("x"));
                    left.sendEof();
                  });
          Must.receive(right, "x");
          Must.beAtEnd(right);
          sending.join();
          check.step("KIT-C46", "sending after sendEof is Closed");
          Must.fail(ClosedResourceException.class, () -> left.sendAll(Must.bytes("y")));
          Must.fail(ClosedResourceException.class, () -> left.sendAll(new byte[0]));
          check.step("KIT-C47", "a second sendEof does nothing, and notices a cancellation");
          left.sendEof();
          Must.hold(
              !Cancel.SCOPE.returns(left::sendEof), () -> "sendEof returned in an expired scope");
          mustKeepInterrupt(left);
          check.step("KIT-C48", "the other direction goes on, and ends by itself");
          check.start(
              () -> {
                right.sendAll(Must.bytes("x"));
                right.sendEof();
              });
          Must.receive(left, "x");
          Must.beAtEnd(left);
        });
  }

  /** Where the end of sending is a close, as of stapled streams, it does not throw. */
  private static void mustKeepInterrupt(HalfCloseableStream stream)
      throws IOException, InterruptedException {
    boolean unused =
        Cancel.INTERRUPT.returns(
            () -> {
              stream.sendEof();
              Must.hold(
                  Thread.currentThread().isInterrupted(), () -> "sendEof swallowed an interrupt");
            });
  }

  /** The first is let wait before the second comes: a sendEof that comes first may end well. */
  private static void exactlyOneIsBusy(Check check, IoAction waiting, IoAction second)
      throws InterruptedException {
    check.exactlyOneIsBusy(
        waiting,
        () -> {
          check.settle();
          second.run();
        });
  }
}
