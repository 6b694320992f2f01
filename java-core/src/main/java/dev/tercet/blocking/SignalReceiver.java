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
 * <p>While a receiver is open, its signals do not do what they do otherwise: INT and TERM do not
 * end the program, and no shutdown hook runs for them (spec SIG-S14). With several receivers of one
 * signal each of them gets it.
 *
 * <p>A signal that comes several times before it is read is reported once (spec SIG-S2). The order
 * of different signals that come close together is not known to the JVM (spec SIG-S13).
 *
 * <p><b>Limits of the JVM.</b> USR2 belongs to it. With {@code -Xrs} there are no signals. A HUP,
 * INT or TERM that the process was started with ignored, by {@code nohup} for instance, stays
 * ignored. Windows has INT (Ctrl-C, to all processes of the console, children included) and TERM;
 * its processes cannot send each other signals (spec SIG-S12, SIG-S17).
 */
public final class SignalReceiver implements AutoCloseable {
  private final SignalQueue queue;
  private final Exclusive receiving = new Exclusive("another thread is receiving signals here");

  private SignalReceiver(SignalQueue queue) {
    this.queue = queue;
  }

  /**
   * Begins to receive.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} without a signal (spec SIG-S4), and for one
   * that cannot be received here; then the handlers are as before (spec SIG-S6). {@link
   * UnsupportedOperationException} when this JVM delivers none.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param signals which; duplicates are harmless (spec SIG-S5)
   * @return a receiver, to be closed
   */
  public static SignalReceiver open(PosixSignal... signals) {
    return open(SignalRegistry.ofProcess(), signals);
  }

  static SignalReceiver open(SignalRegistry registry, PosixSignal... signals) {
    return new SignalReceiver(registry.open(signals));
  }

  /**
   * Waits for a signal and takes it: of those that have come, the one that waits longest (spec
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
   * Waits for at least one signal and takes all that have come (spec SIG-S1).
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
   * Ends receiving. The last receiver of a signal gives the previous handler its place back (spec
   * SIG-S6, SIG-S16). Each unread signal goes on once, to receivers that were opened later or else
   * to the previous handler (spec SIG-S9). An unread INT or TERM thus ends the program after all.
   *
   * <p><i>Errors:</i> none of its own; a second close does nothing.
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
