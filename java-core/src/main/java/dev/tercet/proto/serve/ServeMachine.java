package dev.tercet.proto.serve;

import dev.tercet.ServeReport;

/**
 * What a server does with its connections: take another one, hold it, or wait. Both languages'
 * {@code serve…} functions drive one of these; they wait and launch, this decides.
 *
 * <p><b>Connections at a time.</b> A server that is full does not accept: the kernel's queue holds
 * what comes, and the peers wait. The loops of several listeners accept side by side, so a loop may
 * come back with a connection and find that another one has filled the last place. It holds that
 * connection, without a handler, until a place is free. So there are never more handlers than
 * allowed, and at most one held connection per further listener.
 *
 * <p><b>A stop</b> takes effect here, at once, and not when the accept loops have noticed: one of
 * them may be just returning from accept, or hold a connection. What has not begun when the signal
 * is given never begins. It is closed without being served, and is not counted, as what the
 * kernel's queue still held is not (spec IO-SV10).
 *
 * <p><b>The end of the listeners.</b> Some come to an end of their own without anything being
 * wrong. When all have, the server is over, and its handlers are waited for as long as it takes:
 * nobody has said that they should hurry.
 *
 * <p><b>How a handler ended</b> is what it did, not what was asked of it ({@link Outcome}): a
 * handler that was cancelled and yet returned has finished, as everywhere a finished body wins.
 *
 * <p><b>Errors of accept.</b> Out of descriptors or memory passes: pause, then try again, for ever
 * (spec IO-SV6). Anything else stops the server (spec IO-SV7). What spoils only one connection
 * never gets here; the listener swallows it.
 *
 * <pre>
 * state     input             next
 * serving   begin, has room   serving, one more active
 * serving   begin, full       hold, until ended
 * serving   capacity error    pause, then serving
 * serving   other error       failed
 * serving   stop signal       draining: no more accepts
 * serving   listener's end    serving; after the last one draining, without a limit
 * draining  begin             refused: close it
 * draining  last one ended    ended
 * draining  drain time over   cancel the rest; ended when they have
 * </pre>
 *
 * Absorbing: ended, failed. A handler that ends is counted in every state.
 *
 * <p>Not thread-safe; the caller holds the server's lock.
 */
public final class ServeMachine {
  /** How long to pause when the system is out of descriptors: 100 ms, as Trio (spec IO-SV6). */
  public static final long ACCEPT_BACKOFF_NANOS = 100_000_000;

  private final int maxConnections;
  private int listening;
  private boolean draining;
  private int active;
  private long finished;
  private long failed;
  private long cancelled;

  /**
   * Makes the machine of a server that has no connection yet.
   *
   * @param maxConnections how many handlers at a time, at least 1
   * @param listeners how many accept for it
   */
  public ServeMachine(int maxConnections, int listeners) {
    if (maxConnections < 1) {
      throw new IllegalArgumentException(
          "maxConnections must be at least 1, not " + maxConnections);
    }
    this.maxConnections = maxConnections;
    this.listening = listeners;
  }

  /** What becomes of a connection that was accepted. */
  public enum Admission {
    /** It has taken a place: run its handler, and say when it has ended. */
    BEGUN,
    /** All places are taken: hold it, and ask again when a handler has ended. */
    HOLD,
    /** The server was stopped: close it; it does not count. */
    REFUSED
  }

  /** How the handler of a connection ended. */
  public enum Outcome {
    /** It returned, also when it had been cancelled meanwhile. */
    FINISHED,
    /** It threw what is no cancellation, also when it had been cancelled meanwhile. */
    FAILED,
    /** It was cancelled and threw the cancellation, or it never began. */
    CANCELLED
  }

  /**
   * Whether there is a place for one more connection. If not, one must wait until a handler ends.
   *
   * @return false when full
   */
  public boolean hasRoom() {
    return active < maxConnections;
  }

  /** Takes a place for a connection that was accepted. */
  public Admission begin() {
    if (draining) {
      return Admission.REFUSED;
    }
    if (!hasRoom()) {
      return Admission.HOLD;
    }
    active++;
    return Admission.BEGUN;
  }

  /** The stop signal was given: no connection begins any more. Again does nothing. */
  public void stop() {
    draining = true;
  }

  /**
   * A listener has come to its own end.
   *
   * @return true when it was the last one, so that the server is over
   */
  public boolean listenerEnded() {
    return --listening == 0;
  }

  /**
   * Whether the handlers that are left have only the drain time.
   *
   * @return false when nobody has stopped the server, and all listeners have ended
   */
  public boolean isDrainLimited() {
    return draining || listening > 0;
  }

  /** A connection that had taken a place has ended and gives it back. */
  public void ended(Outcome outcome) {
    active--;
    switch (outcome) {
      case FINISHED -> finished++;
      case FAILED -> failed++;
      case CANCELLED -> cancelled++;
    }
  }

  /**
   * Whether every connection that was begun has ended.
   *
   * @return true when none is active
   */
  public boolean isIdle() {
    return active == 0;
  }

  /** What to return from {@code serve…}. */
  public ServeReport report() {
    return new ServeReport(active + finished + failed + cancelled, finished, failed, cancelled);
  }

  @Override
  public String toString() {
    return "ServeMachine("
        + active
        + " of at most "
        + maxConnections
        + (draining ? " active, draining, " : " active, ")
        + report()
        + ")";
  }
}
