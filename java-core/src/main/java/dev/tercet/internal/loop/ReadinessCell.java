package dev.tercet.internal.loop;

import dev.tercet.BusyResourceException;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.internal.wait.Waiter;
import java.nio.channels.SelectionKey;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a {@link Readiness}, whose table it is. Its value is IDLE, ARMED, CLOSED, the
 * {@link Waiter}, or its own poll.
 */
class ReadinessCell extends AtomicReference<Object> implements WaitPlace {
  static final Object IDLE = new State("IDLE");
  static final Object ARMED = new State("ARMED");
  static final Object CLOSED = new State("CLOSED");

  /** A selector is not worth its descriptors for fewer. */
  private static final int WAITS_ON_THE_LOOP = 16;

  /** Both are the write cell's: interest may still be in the one it stood for before. */
  static final int WRITE_OPS = SelectionKey.OP_WRITE | SelectionKey.OP_CONNECT;

  private static final long serialVersionUID = 1L;

  private final transient Readiness readiness;

  /** Constant while somebody waits; published to the loop by the CAS that puts the waiter in. */
  int op;

  /** How often platform threads have waited here; exactness is not needed. */
  private int waits;

  /** Set by the thread that waits, before it enters; read by the close. */
  private transient volatile @Nullable PrivatePoll poll;

  ReadinessCell(Readiness readiness, int op) {
    super(IDLE);
    this.readiness = readiness;
    this.op = op;
  }

  /** The state that a step is decided from. Overridden by tests, which change it after the look. */
  @Nullable Object look() {
    return get();
  }

  @Override
  public void install(Waiter waiter) {
    if (!readiness.everInstalled) {
      readiness.everInstalled = true;
    }
    while (true) {
      Object state = look();
      if (state == ARMED) {
        if (compareAndSet(ARMED, waiter)) {
          if (!readiness.channel.isOpen()) {
            // Closed behind our back: its key is gone, and no event will come.
            readiness.close();
          }
          return;
        }
      } else if (state == IDLE) {
        if (compareAndSet(IDLE, waiter)) {
          arm(waiter);
          return;
        }
      } else if (state == CLOSED) {
        waiter.wake();
        return;
      } else {
        throw new BusyResourceException("another task is waiting for this channel");
      }
    }
  }

  private void arm(Waiter waiter) {
    boolean taken;
    try {
      taken = readiness.loop.runOrPost(readiness);
    } catch (RuntimeException | Error e) {
      // The loop cannot start, for want of descriptors: nothing is queued. If the waiter has been
      // taken out meanwhile, it was woken, and the wait is over.
      if (compareAndSet(waiter, IDLE)) {
        throw e;
      }
      return;
    }
    if (!taken) {
      readiness.close();
    }
  }

  @Override
  public boolean uninstall(Waiter waiter) {
    return compareAndSet(waiter, ARMED);
  }

  void onEvent() {
    while (true) {
      Object state = look();
      if (state == CLOSED) {
        return;
      }
      if (state == IDLE || state instanceof PrivatePoll) {
        readiness.interestOff(ops());
        return;
      }
      if (state == ARMED) {
        if (compareAndSet(ARMED, IDLE)) {
          readiness.interestOff(ops());
          return;
        }
      } else if (!(state instanceof Waiter waiter)) {
        throw new AssertionError("not a value of a cell: " + state);
      } else if (op == SelectionKey.OP_CONNECT) {
        if (compareAndSet(state, IDLE)) {
          // Before the wake-up: the waiter may wait again, in place, and turn interest on.
          readiness.interestOff(ops());
          waiter.wakeFromLoop();
          return;
        }
      } else if (compareAndSet(state, ARMED)) {
        waiter.wakeFromLoop();
        return;
      }
    }
  }

  private int ops() {
    return (op & WRITE_OPS) != 0 ? WRITE_OPS : op;
  }

  boolean wantsEvents() {
    Object state = get();
    return state != IDLE && state != CLOSED && !(state instanceof PrivatePoll);
  }

  @Override
  public @Nullable PrivatePoll ownPoll() {
    PrivatePoll poll = this.poll;
    if (poll == null && ++waits > WAITS_ON_THE_LOOP) {
      waits = 0;
      poll = PrivatePoll.open(this, readiness.channel);
      this.poll = poll;
    }
    return poll;
  }

  @Override
  public boolean hasOwnPoll() {
    return poll != null;
  }

  boolean isClosed() {
    return get() == CLOSED;
  }

  /** False when closed. */
  boolean enter(PrivatePoll poll) {
    while (true) {
      Object state = look();
      if (state == CLOSED) {
        return false;
      }
      if (state != IDLE && state != ARMED) {
        throw new BusyResourceException("another task is waiting for this channel");
      }
      // Interest that was on is turned off by the next event.
      if (compareAndSet(state, poll)) {
        return true;
      }
    }
  }

  /** False when closed meanwhile: the selector is the leaver's to close. */
  boolean leave(PrivatePoll poll) {
    return compareAndSet(poll, IDLE);
  }

  /** The thread that was inside when it was closed holds the descriptor no longer. */
  void left() {
    readiness.holders(-1);
  }

  /** Closes all, because the channel is of no use any more. */
  void closeAll() {
    readiness.close();
  }

  /** Closes the selector if nobody is in it; 1 when somebody is, and will. */
  int closePoll(Object stateBefore) {
    if (stateBefore instanceof PrivatePoll) {
      return 1;
    }
    PrivatePoll poll = this.poll;
    if (poll != null) {
      poll.close();
    }
    return 0;
  }

  /** A named value of a cell. */
  private record State(String name) {
    @Override
    public String toString() {
      return name;
    }
  }
}
