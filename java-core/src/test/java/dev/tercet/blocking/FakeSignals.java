package dev.tercet.blocking;

import dev.tercet.PosixSignal;
import dev.tercet.internal.signal.SignalSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Signals without a process: handlers run in place, in the thread that raises. */
final class FakeSignals implements SignalSource {
  static final Runnable DEFAULT = () -> {};

  /** Who is in charge. */
  final Map<PosixSignal, Runnable> handlers = new EnumMap<>(PosixSignal.class);

  /** What was redelivered, in order. */
  final List<PosixSignal> redelivered = new ArrayList<>();

  /** Refused by install, as the JVM does with some. */
  final List<PosixSignal> refused = new ArrayList<>();

  synchronized Runnable handler(PosixSignal signal) {
    return handlers.getOrDefault(signal, DEFAULT);
  }

  void raise(PosixSignal... signals) {
    for (PosixSignal signal : signals) {
      handler(signal).run();
    }
  }

  @Override
  public void check(PosixSignal signal) {
    if (signal == PosixSignal.USR2) {
      throw new IllegalArgumentException("not this one");
    }
  }

  @Override
  public Object newHandler(Runnable onSignal) {
    return onSignal;
  }

  @Override
  public synchronized Object install(PosixSignal signal, Object handler) {
    if (refused.contains(signal)) {
      throw new IllegalArgumentException("Signal already used by VM or OS: " + signal);
    }
    Runnable previous = handlers.put(signal, (Runnable) handler);
    return previous == null ? DEFAULT : previous;
  }

  @Override
  public void redeliver(PosixSignal signal, Object handler) {
    redelivered.add(signal);
    ((Runnable) handler).run();
  }
}
