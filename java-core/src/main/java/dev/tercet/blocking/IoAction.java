package dev.tercet.blocking;

import java.io.IOException;

/** Code that may wait and may fail: the body of a task or of a cancel scope. */
@FunctionalInterface
public interface IoAction {
  /**
   * Runs it.
   *
   * <p><i>Errors:</i> what it throws, its caller throws.
   *
   * <p><i>Interruption:</i> as the calls inside.
   *
   * <p><i>Thread-safety:</i> called once per run, on the thread of the scope or the task.
   *
   * @throws IOException when it failed
   * @throws InterruptedException when the thread was interrupted
   */
  void run() throws IOException, InterruptedException;
}
