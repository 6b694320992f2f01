package dev.tercet.internal.signal;

import dev.tercet.PosixSignal;
import dev.tercet.internal.wait.Waiter;
import dev.tercet.internal.wait.Waking;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who receives which signal of the process.
 *
 * <p><b>The problem.</b> The process has one handler per signal, and whoever sets one is given the
 * previous one to restore. When two receivers do that by themselves and do not leave in the reverse
 * order of coming, the second restores the first one's handler, which is dead (spec SIG-S16).
 *
 * <p><b>What the JVM does.</b> Each delivery runs the handler on a new thread, several at once,
 * with nothing merged (spec SIG-S13). So a handler may run for the first time after it was
 * replaced.
 *
 * <p><b>The strategy.</b> One registry per process. The first receiver of a signal installs our
 * handler, the last one to leave restores what was there; in between each signal goes to all
 * receivers. The handler only puts the signal into their queues. Restoring looks at what it has
 * replaced: if somebody else has set a handler meanwhile, that one is put back.
 *
 * <p><b>No signal is swallowed</b> (spec SIG-S9). What nobody has read when a receiver leaves goes
 * to the receivers that have come later, or else to the restored handler; so does a delivery that
 * was under way while the last receiver left. Each goes out once, also when a handler throws.
 *
 * <p><i>Thread-safety:</i> any thread. The lock is this; nothing but the source is called with it,
 * and the source's install does not wait for handlers.
 */
public final class SignalRegistry {
  private static final SignalRegistry PROCESS = new SignalRegistry(new JvmSignals());

  private final SignalSource source;

  /** The signals that we handle now. Guarded by this. */
  private final Map<PosixSignal, Handled> handled = new EnumMap<>(PosixSignal.class);

  /** What we have put back and what a late call of our handler goes to. Guarded by this. */
  private final Map<PosixSignal, Object> restored = new EnumMap<>(PosixSignal.class);

  /**
   * Makes a registry, for tests.
   *
   * @param source where the signals come from; one registry per source
   */
  public SignalRegistry(SignalSource source) {
    this.source = source;
  }

  /**
   * The one of this process.
   *
   * @return the registry of the JVM's signals
   */
  public static SignalRegistry ofProcess() {
    return PROCESS;
  }

  /**
   * Begins to receive.
   *
   * @param signals at least one; duplicates are harmless (spec SIG-S4, SIG-S5)
   * @return where they are collected, to be closed
   * @throws IllegalArgumentException when there is none, or one that cannot be received; then
   *     nothing is received (spec SIG-S6)
   * @throws UnsupportedOperationException when this JVM delivers no signals
   */
  public SignalQueue open(PosixSignal... signals) {
    if (signals.length == 0) {
      throw new IllegalArgumentException("which signals?");
    }
    EnumSet<PosixSignal> wanted = EnumSet.copyOf(Arrays.asList(signals));
    wanted.forEach(source::check);
    SignalQueue queue = new SignalQueue(this, wanted);
    synchronized (this) {
      List<PosixSignal> joined = new ArrayList<>();
      try {
        for (PosixSignal signal : wanted) {
          join(signal, queue);
          joined.add(signal);
        }
      } catch (Throwable e) {
        joined.forEach(signal -> leave(signal, queue));
        throw e;
      }
    }
    return queue;
  }

  void leave(SignalQueue queue) {
    Map<PosixSignal, Object> inCharge = new EnumMap<>(PosixSignal.class);
    List<PosixSignal> unread;
    Waiter waiter;
    synchronized (this) {
      if (!queue.markClosed()) {
        return;
      }
      for (PosixSignal signal : queue.signals()) {
        Object handler = leave(signal, queue);
        if (handler != null) {
          inCharge.put(signal, handler);
        }
      }
      unread = queue.pending().abandon();
      waiter = queue.takeWaiter();
    }
    if (waiter != null) {
      Waking.wake(waiter);
    }
    RuntimeException failure = null;
    for (PosixSignal signal : unread) {
      try {
        deliver(signal, inCharge.get(signal));
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

  /** What our handler does. */
  private void arrived(PosixSignal signal) {
    deliver(signal, null);
  }

  /** Gives a signal to our receivers, or else to a handler; null means the one restored last. */
  private void deliver(PosixSignal signal, @Nullable Object inCharge) {
    List<Waiter> due = new ArrayList<>();
    boolean ours;
    Object handler;
    synchronized (this) {
      Handled entry = handled.get(signal);
      ours = entry != null;
      // In one step with the look at the receivers: the last may leave, and restore, in between.
      handler = inCharge != null ? inCharge : restored.get(signal);
      if (entry != null) {
        PendingSignals.Arrival arrival = new PendingSignals.Arrival(signal);
        for (SignalQueue queue : entry.receivers) {
          queue.pending().add(arrival);
          Waiter waiter = queue.takeWaiter();
          if (waiter != null) {
            due.add(waiter);
          }
        }
      }
    }
    if (!ours && handler != null) {
      source.redeliver(signal, handler);
    }
    due.forEach(Waking::wake);
  }

  /** The lock is held. */
  private void join(PosixSignal signal, SignalQueue queue) {
    Handled entry = handled.get(signal);
    if (entry == null) {
      Object ours = source.newHandler(() -> arrived(signal));
      entry = new Handled(ours, source.install(signal, ours));
      handled.put(signal, entry);
    }
    entry.receivers.add(queue);
  }

  /** The lock is held. Returns the handler that is in charge now, null when there are receivers. */
  private @Nullable Object leave(PosixSignal signal, SignalQueue queue) {
    Handled entry = handled.get(signal);
    if (entry == null) {
      return null;
    }
    entry.receivers.remove(queue);
    if (!entry.receivers.isEmpty()) {
      return null;
    }
    handled.remove(signal);
    Object replaced = source.install(signal, entry.previous);
    if (replaced.equals(entry.ours)) {
      restored.put(signal, entry.previous);
      return entry.previous;
    }
    // Somebody has set a handler behind our back: it stays. It may call ours, which it has
    // replaced,
    // and must not get the signal again from there, round and round.
    source.install(signal, replaced);
    restored.remove(signal);
    return replaced;
  }

  @Override
  public synchronized String toString() {
    return "SignalRegistry" + handled.keySet();
  }

  /** A signal that we handle. */
  private static final class Handled {
    private final Object ours;
    private final Object previous;
    private final List<SignalQueue> receivers = new ArrayList<>(1);

    Handled(Object ours, Object previous) {
      this.ours = ours;
      this.previous = previous;
    }
  }
}
