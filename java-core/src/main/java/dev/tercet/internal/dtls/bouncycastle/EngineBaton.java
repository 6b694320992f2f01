package dev.tercet.internal.dtls.bouncycastle;

import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;

/**
 * Whose turn it is: the engine's, that blocks its thread, or the driver's, that feeds it.
 *
 * <p><b>The problem.</b> Bouncy Castle's handshake is one call that reads from a transport when it
 * likes. Our sessions are fed, and must never block. So the call gets a thread, and its transport
 * is where the thread stops.
 *
 * <p><b>The strategy.</b> There is one turn, and two semaphores to hand it over. Who has it may
 * touch what is shared, the input and the output; the semaphores order the memory. The engine gives
 * it back when it wants input and when it is at its end. In lock step the driver waits for that, so
 * there is never more than one of them at work; else the driver goes on, and is woken.
 *
 * <p>{@link #abort} is an exception out of the transport, the one way to get out of a blocking call
 * that knows nothing of interrupts. In lock step the driver waits for the end of it. Else an engine
 * that computes at that moment notices at its next touch of the transport; the driver does not wait
 * for a key exchange.
 */
final class EngineBaton {
  private final HandshakeThreads threads;
  private final Runnable wakeUp;
  private final Semaphore engineTurn = new Semaphore(0);
  private final Semaphore driverTurn = new Semaphore(0);
  private final Semaphore end = new Semaphore(0);
  private volatile boolean isAborted;
  private boolean isStarted;

  /** The way out of the engine's transport. Nobody sees it but the engine. */
  static final class Aborted extends InterruptedIOException {
    private static final long serialVersionUID = 1L;

    Aborted() {
      super("the handshake was given up");
    }
  }

  /**
   * Makes the turns of one engine.
   *
   * @param wakeUp called on the engine's thread when it gives the turn back; not in lock step
   */
  EngineBaton(HandshakeThreads threads, Runnable wakeUp) {
    this.threads = threads;
    this.wakeUp = wakeUp;
  }

  /** Driver: starts the engine with the first turn; false when there are too many. */
  boolean tryStart(Runnable body) {
    isStarted =
        threads.tryStart(
            body,
            () -> {
              giveBack();
              end.release();
            });
    if (isStarted) {
      awaitInLockStep();
    }
    return isStarted;
  }

  /** Driver: gives the turn to the engine. */
  void giveToEngine() {
    engineTurn.release();
    awaitInLockStep();
  }

  /** Driver: takes the turn, if the engine has given it back. */
  boolean tryTake() {
    return driverTurn.tryAcquire();
  }

  /** Driver: ends the engine. */
  void abort() {
    if (!isStarted || isAborted) {
      return;
    }
    isAborted = true;
    engineTurn.release();
    if (threads.isLockStep()) {
      end.acquireUninterruptibly();
    }
  }

  /** Engine: gives the turn back, and waits for the next one. */
  void awaitInput() throws Aborted {
    throwIfAborted();
    giveBack();
    engineTurn.acquireUninterruptibly();
    throwIfAborted();
  }

  /** Engine: leaves, if it was told to. */
  void throwIfAborted() throws Aborted {
    if (isAborted) {
      throw new Aborted();
    }
  }

  private void giveBack() {
    driverTurn.release();
    if (!threads.isLockStep()) {
      wakeUp.run();
    }
  }

  private void awaitInLockStep() {
    if (threads.isLockStep()) {
      driverTurn.acquireUninterruptibly();
      driverTurn.release();
    }
  }
}
