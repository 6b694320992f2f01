package dev.tercet.internal.signal;

import dev.tercet.ClosedResourceException;
import dev.tercet.PosixSignal;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.internal.wait.Waiter;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One receiver's pending signals, and the place to wait for more: what both languages' receivers
 * are made of. To receive is: {@link #poll}, and wait here as long as it says null.
 *
 * <p>Everything is guarded by the lock of the registry.
 *
 * <p><i>Thread-safety:</i> any thread; one waiter at a time.
 */
public final class SignalQueue implements WaitPlace, AutoCloseable {
  private final SignalRegistry registry;
  private final Set<PosixSignal> signals;
  private final PendingSignals pending = new PendingSignals();
  private @Nullable Waiter waiter;
  private boolean closed;

  SignalQueue(SignalRegistry registry, EnumSet<PosixSignal> signals) {
    this.registry = registry;
    this.signals = Collections.unmodifiableSet(signals);
  }

  /**
   * The signals that are received here.
   *
   * @return an unmodifiable set
   */
  public Set<PosixSignal> signals() {
    return signals;
  }

  /**
   * Takes the oldest pending signal.
   *
   * @return null when there is none
   * @throws ClosedResourceException when closed (spec SIG-S8)
   */
  public @Nullable PosixSignal poll() throws ClosedResourceException {
    synchronized (registry) {
      throwIfClosed();
      return pending.takeOldest();
    }
  }

  /**
   * Takes all pending signals.
   *
   * @return oldest first; empty when there is none
   * @throws ClosedResourceException when closed (spec SIG-S8)
   */
  public Set<PosixSignal> pollAll() throws ClosedResourceException {
    synchronized (registry) {
      throwIfClosed();
      Set<PosixSignal> all = new LinkedHashSet<>();
      for (PosixSignal s = pending.takeOldest(); s != null; s = pending.takeOldest()) {
        all.add(s);
      }
      return all;
    }
  }

  @Override
  public void install(Waiter waiter) {
    synchronized (registry) {
      if (!closed && pending.isEmpty()) {
        if (this.waiter != null) {
          throw new IllegalStateException("somebody waits here already");
        }
        this.waiter = waiter;
        return;
      }
    }
    waiter.wake();
  }

  @Override
  public boolean uninstall(Waiter waiter) {
    synchronized (registry) {
      if (this.waiter != waiter) {
        return false;
      }
      this.waiter = null;
      return true;
    }
  }

  /**
   * Leaves the registry, wakes the waiter and passes on what was not read. Does not throw twice.
   */
  @Override
  public void close() {
    registry.leave(this);
  }

  // ------------------------------------------------------------------------- for the registry

  PendingSignals pending() {
    return pending;
  }

  /** Takes the waiter out, to be woken without the lock. */
  @Nullable Waiter takeWaiter() {
    Waiter waiter = this.waiter;
    this.waiter = null;
    return waiter;
  }

  /** Returns false when it was closed already. */
  boolean markClosed() {
    boolean first = !closed;
    closed = true;
    return first;
  }

  private void throwIfClosed() throws ClosedResourceException {
    if (closed) {
      throw new ClosedResourceException("this signal receiver was closed");
    }
  }
}
