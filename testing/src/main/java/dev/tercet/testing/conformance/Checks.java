package dev.tercet.testing.conformance;

import dev.tercet.Resource;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.CancelledException;
import dev.tercet.blocking.IoCall;
import dev.tercet.blocking.Nursery;
import java.io.IOException;
import java.time.Duration;

/** Runs checks on pairs of streams, and says in the words of the spec which one failed. */
final class Checks<L extends Resource, R extends Resource> {
  private final IoCall<? extends Ends<? extends L, ? extends R>> maker;
  private final Duration hangsAfter;

  Checks(IoCall<? extends Ends<? extends L, ? extends R>> maker, Duration hangsAfter) {
    this.maker = maker;
    this.hangsAfter = hangsAfter;
  }

  /** Two connected ends. */
  record Ends<L extends Resource, R extends Resource>(L left, R right) {
    void closeForcefully() {
      try {
        left.closeForcefully();
      } finally {
        right.closeForcefully();
      }
    }
  }

  /** What a check does. */
  @FunctionalInterface
  interface Body<L, R> {
    void run(Check check, L left, R right) throws IOException, InterruptedException;
  }

  /** The same checks with the ends in each other's place. */
  Checks<R, L> flipped() {
    return new Checks<>(
        () -> {
          Ends<? extends L, ? extends R> ends = maker.call();
          return new Ends<>(ends.right(), ends.left());
        },
        hangsAfter);
  }

  void check(String id, String fact, Body<? super L, ? super R> body)
      throws IOException, InterruptedException {
    Ends<? extends L, ? extends R> ends = maker.call();
    Check check = new Check(id, fact);
    try {
      Nursery.run(nursery -> run(nursery, check, body, ends));
    } catch (Throwable failure) {
      // An interrupt or a scope of the caller's; of the tasks' own making they are failures.
      if ((failure instanceof InterruptedException || failure instanceof CancelledException)
          && failure != check.firstFailure()) {
        throw failure;
      }
      throw new AssertionError(check.step() + ": " + failure, failure);
    } finally {
      ends.closeForcefully();
    }
  }

  private void run(
      Nursery nursery,
      Check check,
      Body<? super L, ? super R> body,
      Ends<? extends L, ? extends R> ends)
      throws IOException, InterruptedException {
    check.begin(nursery, () -> body.run(check, ends.left(), ends.right()));
    if (CancelScope.moveOnAfter(hangsAfter).run(check::awaitEnd)) {
      AssertionError hang = check.hang(hangsAfter);
      // The nursery interrupts the tasks. Closing frees those that no interrupt reaches.
      nursery.cancelChildren();
      ends.closeForcefully();
      throw hang;
    }
  }
}
