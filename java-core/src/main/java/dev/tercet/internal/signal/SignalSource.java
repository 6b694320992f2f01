package dev.tercet.internal.signal;

import dev.tercet.PosixSignal;

/**
 * Where signals come from: the JVM, or a test (spec SIG-S18). It has one place for a handler per
 * signal, as the operating system has.
 *
 * <p>Handlers are opaque objects. There are those that {@link #newHandler} makes, those that stand
 * for "default action" and "ignore", and those that other code has installed.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public interface SignalSource {
  /**
   * Throws if a signal cannot be received here, whoever asks.
   *
   * @throws IllegalArgumentException when the JVM or the operating system keeps this one for itself
   *     or does not know it
   * @throws UnsupportedOperationException when no signal at all can be received
   */
  void check(PosixSignal signal);

  /**
   * Makes a handler, and installs nothing.
   *
   * @param onSignal what it does, on any thread, any number at a time; must not block
   */
  Object newHandler(Runnable onSignal);

  /**
   * Installs a handler.
   *
   * @param handler from here on in charge
   * @return the one that was in charge
   * @throws IllegalArgumentException when the JVM refuses
   */
  Object install(PosixSignal signal, Object handler);

  /**
   * Raises a signal whose handler has just been given back its place, so that it does what it would
   * have done had nobody received the signal.
   *
   * @param signal that was not read
   * @param handler the one in charge
   */
  void redeliver(PosixSignal signal, Object handler);
}
