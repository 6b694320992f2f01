package dev.tercet.blocking;

import dev.tercet.ClosedResourceException;
import dev.tercet.PosixSignal;
import dev.tercet.internal.signal.SignalQueue;
import dev.tercet.internal.signal.SignalRegistry;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.util.Set;

/**
 * Receives signals of the process from {@link #open} to {@link #close}.
 *
 * <pre>{@code
 * try (var signals = SignalReceiver.open(PosixSignal.INT, PosixSignal.TERM)) {
 *   System.out.println("stopped by " + signals.receive());
 * }
 * }</pre>
 *
 * <p>While a receiver is open, its signals do not have their usual effect: INT and TERM do not end
 * the program, and no shutdown hook runs for them (spec SIG-S14). If a signal has several
 * receivers, each of them gets it.
 *
 * <p>A signal that arrives several times before it is read is reported once (spec SIG-S2). The JVM
 * loses the order of different signals that arrive close together (spec SIG-S13).
 *
 * <p><b>Limits of the JVM.</b> The JVM uses USR2 itself. With {@code -Xrs} there are no signals. A
 * HUP, INT or TERM that was ignored at the start of the process, by {@code nohup} for example,
 * stays ignored. Windows has INT (Ctrl-C, to all processes of the console, children included) and
 * TERM; its processes cannot send each other signals (spec SIG-S12, SIG-S17).
 */
public final class SignalReceiver implements AutoCloseable {
  private final SignalQueue queue;
  private final Exclusive receiving = new Exclusive("another thread is receiving signals here");

  private SignalReceiver(SignalQueue queue) {
    this.queue = queue;
  }

  /**
   * Starts to receive.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} without a signal (spec SIG-S4), and for one
   * that cannot be received here; then the handlers are unchanged (spec SIG-S6). {@link
   * UnsupportedOperationException} when this JVM delivers none.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param signals the signals; duplicates are harmless (spec SIG-S5)
   * @return a receiver, to be closed
   */
  public static SignalReceiver open(PosixSignal... signals) {
    return open(SignalRegistry.ofProcess(), signals);
  }

  static SignalReceiver open(SignalRegistry registry, PosixSignal... signals) {
    return new SignalReceiver(registry.open(signals));
  }

  /**
   * Waits for a signal and takes it: of those that have arrived, the one that waits longest (spec
   * SIG-S1, SIG-S3).
   *
   * <p><i>Errors:</i> {@link ClosedResourceException} after {@link #close}, also for a thread that
   * waits here (spec SIG-S8); {@code BusyResourceException} when another thread does (spec SIG-S7).
   *
   * <p><i>Interruption:</i> takes nothing; the signal is still there for the next call.
   *
   * <p><i>Thread-safety:</i> one receiving thread at a time.
   *
   * @return the signal
   * @throws IOException when closed
   * @throws InterruptedException when interrupted
   */
  public PosixSignal receive() throws IOException, InterruptedException {
    receiving.enter();
    try {
      Parking.checkpoint();
      PosixSignal signal = queue.poll();
      while (signal == null) {
        Parking.await(queue);
        signal = queue.poll();
      }
      return signal;
    } finally {
      receiving.exit();
    }
  }

  /**
   * Waits for at least one signal and takes all that have arrived (spec SIG-S1).
   *
   * <p><i>Errors:</i> {@link ClosedResourceException} after {@link #close}, also for a thread that
   * waits here (spec SIG-S8); {@code BusyResourceException} when another thread does (spec SIG-S7).
   *
   * <p><i>Interruption:</i> takes nothing; the signals are still there for the next call.
   *
   * <p><i>Thread-safety:</i> one receiving thread at a time.
   *
   * @return at least one signal; the one that waits longest comes first
   * @throws IOException when closed
   * @throws InterruptedException when interrupted
   */
  public Set<PosixSignal> receiveBatch() throws IOException, InterruptedException {
    receiving.enter();
    try {
      Parking.checkpoint();
      Set<PosixSignal> signals = queue.pollAll();
      while (signals.isEmpty()) {
        Parking.await(queue);
        signals = queue.pollAll();
      }
      return signals;
    } finally {
      receiving.exit();
    }
  }

  /**
   * Ends receiving. The last receiver of a signal restores the previous handler (spec SIG-S6,
   * SIG-S16). Each unread signal is passed on once, to receivers that were opened later or else to
   * the previous handler (spec SIG-S9). So an unread INT or TERM ends the program then.
   *
   * <p><i>Errors:</i> none; a second close has no effect.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> any thread, any number of times.
   */
  @Override
  public void close() {
    queue.close();
  }

  @Override
  public String toString() {
    return "SignalReceiver" + queue.signals();
  }
}
