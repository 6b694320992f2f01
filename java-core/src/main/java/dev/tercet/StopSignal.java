package dev.tercet;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Stops a server gracefully: no new connections, the running handlers get their drain time, and
 * then {@code serve…} returns (spec IO-SV10). Cancellation, by contrast, ends everything at once.
 *
 * <p>One signal may stop any number of servers. A triggered signal cannot be reset.
 *
 * <p><i>Thread-safety:</i> every method may be called from any thread, {@link #stop()} from a JVM
 * shutdown hook too.
 */
public final class StopSignal {
  // Guarded by this. A set of identities: one action registered twice runs twice.
  private final Set<Registration> registrations = new LinkedHashSet<>();
  private volatile boolean stopped;

  /** Makes a signal that has not been triggered. */
  public StopSignal() {}

  /**
   * Triggers the signal. The second and later calls do nothing.
   *
   * <p><i>Errors:</i> the exception of a registered action, after all of them have run.
   */
  public void stop() {
    List<Registration> due;
    synchronized (this) {
      if (stopped) {
        return;
      }
      stopped = true;
      due = new ArrayList<>(registrations);
      registrations.clear();
    }
    RuntimeException failure = null;
    for (Registration registration : due) {
      try {
        registration.action.run();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /**
   * Whether the signal was triggered.
   *
   * @return true from the first {@link #stop()} on
   */
  public boolean isStopped() {
    return stopped;
  }

  /**
   * Runs an action when the signal is triggered, on the thread that triggers it; at once, on this
   * thread, if it was triggered before. The action must not wait.
   *
   * @param action what to run, once
   * @return a handle whose {@code close} removes the action; it does not wait for an action that is
   *     already running
   */
  public Registration onStop(Runnable action) {
    Registration registration = new Registration(action);
    synchronized (this) {
      if (!stopped) {
        registrations.add(registration);
        return registration;
      }
    }
    action.run();
    return registration;
  }

  @Override
  public String toString() {
    return stopped ? "StopSignal(stopped)" : "StopSignal(not stopped)";
  }

  /** An action waiting for the signal. */
  public final class Registration implements AutoCloseable {
    private final Runnable action;

    private Registration(Runnable action) {
      this.action = action;
    }

    /** Removes the action; does nothing when it has run or was removed before. */
    @Override
    public void close() {
      synchronized (StopSignal.this) {
        registrations.remove(this);
      }
    }
  }
}
