package dev.tercet.internal.tls;

import dev.tercet.ResourceException;
import dev.tercet.internal.wait.Operation;
import dev.tercet.internal.wait.Rethrow;
import dev.tercet.internal.wait.Turnstile;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.proto.tls.TlsNeed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What all operations of a TLS stream have in common: they take turns.
 *
 * <p>A step is taken under the session lock, once: what was needed before is settled, the machine
 * is asked, and the turn that the next need takes is entered, all of it in one piece. So nobody can
 * come between a look and the decision to wait: who finds a turn taken waits for an exit that he
 * cannot have missed.
 *
 * <p>Turns are left without the lock, since to leave is to wake, and some dispatchers run in place
 * what they wake. A task that needs the same turn again keeps it, and lets those look again who
 * wait for what it has done ({@link Turnstile#pulse}): a long send in many batches must not hold up
 * somebody whose bytes were in the first.
 *
 * <p><b>An alert.</b> When the machine has failed it may have an alert for the peer. The operation
 * that was told of the failure tries to send it, for {@link TlsSession#ALERT_TIME}, before its
 * caller gets the failure.
 */
public abstract class TlsOperation extends Operation {
  final TlsSession session;

  /** What the driver is meeting. */
  private Need asked = Need.DONE;

  private @Nullable ByteBuffer output;
  private byte @Nullable [] input;
  private @Nullable WaitPlace place;
  private @Nullable Operation part;
  private @Nullable Duration limit;

  private boolean holdsHandshake;
  private boolean holdsSend;
  private boolean holdsReceive;
  private boolean holdsEngine;

  /** The outcome, as soon as the alert is out. */
  private @Nullable Throwable failure;

  private boolean isAlertTried;

  TlsOperation(TlsSession session) {
    this.session = session;
  }

  /** For an operation that is used more than once. */
  final void reset() {
    failure = null;
    isAlertTried = false;
  }

  /**
   * One step, with the session lock held.
   *
   * @return what is needed; what it takes has been entered
   * @throws IOException when the operation has failed
   */
  abstract Need step() throws IOException;

  /**
   * A need was not met, or a step has thrown.
   *
   * @param during what was needed; DONE when a step has thrown
   */
  boolean goesOn(Need during, Throwable e) {
    return false;
  }

  /** The caller was cancelled. */
  void givenUp(Need during, Throwable e) {}

  /** The operation is over for its caller, whatever has come of it. */
  public void end() {}

  /**
   * The part is over, and it was not for an alert.
   *
   * @param expired whether its time was over first
   */
  void partEnded(boolean expired) {}

  /**
   * The operation is over, and its outcome is known.
   *
   * @param failure what its caller gets; null when it has done what it is for
   * @param isCancelled whether the caller was cancelled
   */
  void over(@Nullable Throwable failure, boolean isCancelled) {}

  // -------------------------------------------------------------------------- for the driver

  @Override
  public final Need next() throws IOException {
    Need met = asked;
    Need need = Need.DONE;
    session.lock();
    try {
      settle(met);
      need = failure == null ? step() : tell(failure);
      if (need == Need.DONE) {
        over(null, false);
      }
      return need;
    } finally {
      asked = need;
      session.unlock();
      leaveTurns(met, need);
    }
  }

  @Override
  public final boolean failed(Throwable e) {
    Need during = cutShort(e);
    // Of a failure that is known: it is thrown now, or else its alert could not be sent.
    boolean goesOn =
        failure == null ? goesOn(during, e) : during == Need.WITHIN && e instanceof IOException;
    if (!goesOn) {
      over(e, false);
    }
    return goesOn;
  }

  @Override
  public final void cancelled(Throwable e) {
    Need during = cutShort(e);
    if (failure == null) {
      givenUp(during, e);
    }
    over(e, true);
  }

  private Need cutShort(Throwable e) {
    Need during = asked;
    asked = Need.DONE;
    if (during == Need.SEND) {
      output = null;
      session.sendFailed(e);
    }
    leaveTurns(during, Need.DONE);
    return during;
  }

  @Override
  public final ByteBuffer output() {
    return output == null ? super.output() : output;
  }

  @Override
  public final void received(byte[] bytes) {
    input = bytes;
  }

  @Override
  public void compute() throws IOException {
    session.compute();
  }

  @Override
  public final WaitPlace place() {
    return place == null ? super.place() : place;
  }

  @Override
  public final Operation part() {
    return part == null ? super.part() : part;
  }

  @Override
  public final @Nullable Duration limit() {
    return limit;
  }

  @Override
  public final void ended(boolean expired) {
    if (failure == null) {
      partEnded(expired);
    }
  }

  // --------------------------------------------------------------------------- for the steps

  /** Sees to it that there was a handshake, done by this task or another. */
  final Need handshakeFirst() throws ResourceException {
    if (!session.handshakeTurn.tryEnter()) {
      return waitFor(session.handshakeTurn);
    }
    holdsHandshake = true;
    session.lifecycle.ensureWhole();
    return within(null, new Handshake(session));
  }

  /**
   * Meets what the machine needs.
   *
   * @param mark how far output must be sent, if that is needed
   * @return null when it is met already: then the machine is to be asked again
   */
  final @Nullable Need meet(TlsNeed need, long mark) throws ResourceException {
    return switch (need) {
      case SEND -> flush(mark);
      case RECEIVE -> receiveMore();
      case COMPUTE -> compute(Need.COMPUTE);
      case TURN -> waitFor(session.engineTurn);
      case NOTHING, CHOOSE -> throw new IllegalStateException("nobody can meet " + need);
    };
  }

  /**
   * Waits for the peer's close_notify; null when it is there.
   *
   * @param discard whether data before it is thrown away; else it is an error
   */
  final @Nullable Need awaitCloseNotify(boolean discard) throws ResourceException {
    while (true) {
      TlsNeed need = session.awaitCloseNotify(discard);
      if (need == TlsNeed.NOTHING) {
        return null;
      }
      Need unmet = meet(need, session.urgentMark());
      if (unmet != null) {
        return unmet;
      }
    }
  }

  /** Sees to it that the output is sent so far, by this task or another; null when it is. */
  final @Nullable Need flush(long mark) throws ResourceException {
    long exits = session.sendTurn.exits();
    if (session.isSent(mark)) {
      return null;
    }
    return enterSend() ? sendOutput() : waitFor(session.sendTurn.exitAfter(exits));
  }

  /** Enters the turn of those who send, if nobody is inside. */
  final boolean enterSend() {
    holdsSend = holdsSend || session.sendTurn.tryEnter();
    return holdsSend;
  }

  /** All of the output, inside the turn of those who send; null when there is none. */
  final @Nullable Need sendOutput() {
    output = session.takeOutput();
    return output == null ? null : Need.SEND;
  }

  private Need receiveMore() {
    long exits = session.receiveTurn.exits();
    holdsReceive = holdsReceive || session.receiveTurn.tryEnter();
    return holdsReceive ? Need.RECEIVE : waitFor(session.receiveTurn.exitAfter(exits));
  }

  /** Enters the turn of those who compute for the engine, or waits for it. */
  final Need compute(Need need) {
    holdsEngine = holdsEngine || session.engineTurn.tryEnter();
    return holdsEngine ? need : waitFor(session.engineTurn);
  }

  final Need waitFor(WaitPlace place) {
    this.place = place;
    return Need.WAIT;
  }

  final Need within(@Nullable Duration limit, Operation part) {
    this.limit = limit;
    this.part = part;
    return Need.WITHIN;
  }

  /**
   * Fails, after an attempt to send the alert.
   *
   * @return false when there is no alert: then it has failed now
   */
  final boolean failsAfterAlert(Throwable e) {
    if (!session.hasAlert()) {
      return false;
    }
    failure = e;
    return true;
  }

  private Need tell(Throwable failure) throws IOException {
    if (isAlertTried) {
      throw Rethrow.<RuntimeException>unchecked(failure);
    }
    isAlertTried = true;
    return within(TlsSession.ALERT_TIME, new SendAlert(session));
  }

  private void settle(Need met) {
    if (met == Need.SEND && output != null) {
      session.sent(output);
      output = null;
    } else if (met == Need.RECEIVE && input != null) {
      session.feed(input);
      input = null;
    }
  }

  private void leaveTurns(Need met, Need need) {
    if (holdsSend) {
      if (need != Need.SEND && need != Need.WRITABLE) {
        holdsSend = false;
        session.sendTurn.exit();
      } else if (met == Need.SEND) {
        session.sendTurn.pulse();
      }
    }
    if (holdsReceive) {
      if (need != Need.RECEIVE) {
        holdsReceive = false;
        session.receiveTurn.exit();
      } else if (met == Need.RECEIVE) {
        session.receiveTurn.pulse();
      }
    }
    if (holdsEngine && need != Need.COMPUTE) {
      holdsEngine = false;
      session.engineTurn.exit();
    }
    if (holdsHandshake && need != Need.WITHIN) {
      holdsHandshake = false;
      session.handshakeTurn.exit();
    }
  }
}
