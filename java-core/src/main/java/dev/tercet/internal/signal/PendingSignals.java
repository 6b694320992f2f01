package dev.tercet.internal.signal;

import dev.tercet.PosixSignal;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The signals that one receiver has been given and has not read: an ordered set. A signal that
 * comes again before it is read is reported once, in its old place (spec SIG-S2); one that comes
 * again after it was read goes to the end. So of two signals that keep coming neither starves (spec
 * SIG-S3).
 *
 * <p>With several receivers each gets every signal. An {@link Arrival} is what they share: it knows
 * whether anybody has read it and who still could. An arrival that its last holder drops unread is
 * nobody's, and has to be passed on (spec SIG-S9).
 *
 * <p>Not thread-safe; the caller holds the registry's lock.
 */
final class PendingSignals {
  /** One occurrence of a signal. */
  static final class Arrival {
    final PosixSignal signal;
    private int holders;
    private boolean read;

    Arrival(PosixSignal signal) {
      this.signal = signal;
    }
  }

  private final Map<PosixSignal, Arrival> arrivals = new LinkedHashMap<>();

  void add(Arrival arrival) {
    arrival.holders++;
    // The place in the order is that of the first; the newer arrival stands for both.
    Arrival merged = arrivals.put(arrival.signal, arrival);
    if (merged != null) {
      merged.holders--;
    }
  }

  boolean isEmpty() {
    return arrivals.isEmpty();
  }

  @Nullable PosixSignal takeOldest() {
    Iterator<Arrival> oldest = arrivals.values().iterator();
    if (!oldest.hasNext()) {
      return null;
    }
    Arrival arrival = oldest.next();
    oldest.remove();
    arrival.holders--;
    arrival.read = true;
    return arrival.signal;
  }

  /** Drops everything; returns what nobody has read and nobody can read any more. */
  List<PosixSignal> abandon() {
    List<PosixSignal> nobodys = new ArrayList<>();
    for (Arrival arrival : arrivals.values()) {
      if (--arrival.holders == 0 && !arrival.read) {
        nobodys.add(arrival.signal);
      }
    }
    arrivals.clear();
    return nobodys;
  }
}
