package dev.tercet.testing.streams;

import dev.tercet.ClosedResourceException;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.internal.wait.Waiter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One run of a user's hook, which ends early when the stream is closed meanwhile (KIT-M7).
 *
 * <p>A hook may wait in any way that Java has, so an interrupt is the only thing that reaches it.
 * The difficulty is to leave no interrupt behind for code that runs later on the same thread: if
 * the closer has taken us out of the waiting list, it is about to interrupt, and we wait until it
 * has, then clear the flag. An interrupt of the user's that comes in the same moment is lost with
 * it; the operation fails with Closed anyway.
 */
final class HookRun implements Waiter {
  private final Thread thread = Thread.currentThread();
  private volatile boolean interrupted;

  private HookRun() {}

  /** Runs the hook, if there is one; Closed when the stream was closed before the hook ended. */
  static void run(@Nullable IoHook hook, WaitPlace closed)
      throws IOException, InterruptedException {
    if (hook == null) {
      return;
    }
    HookRun run = new HookRun();
    closed.install(run);
    try {
      hook.run();
    } catch (IOException | InterruptedException | RuntimeException | Error failure) {
      run.end(closed, failure);
      throw failure;
    }
    run.end(closed, null);
  }

  private void end(WaitPlace place, @Nullable Throwable failure) throws ClosedResourceException {
    if (place.uninstall(this)) {
      return;
    }
    while (!interrupted) {
      Thread.onSpinWait();
    }
    Thread.interrupted();
    ClosedResourceException closed =
        new ClosedResourceException("this memory stream was closed while its hook was running");
    if (failure != null && !(failure instanceof InterruptedException)) {
      closed.addSuppressed(failure);
    }
    throw closed;
  }

  @Override
  public void wake() {
    // A hook that closes its own stream need not be woken.
    if (Thread.currentThread() != thread) {
      thread.interrupt();
    }
    interrupted = true;
  }
}
