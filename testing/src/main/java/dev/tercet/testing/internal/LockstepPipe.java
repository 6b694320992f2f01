package dev.tercet.testing.internal;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A lockstep pipe without its waiting: what both front ends share. */
public final class LockstepPipe {
  private final Room room = new Room();

  /** Guarded by room. */
  private final Lockstep lockstep = new Lockstep();

  private final Exclusive sending = new Exclusive("another task is sending or waiting to send");
  private final Exclusive receiving = new Exclusive("another task is receiving");
  private final WaitPlace sent =
      room.until(() -> lockstep.sendState() != Lockstep.SendState.UNREAD);
  private final WaitPlace writable = room.until(lockstep::isWritable);
  private final WaitPlace receivable = room.until(lockstep::isReceivable);

  /** Makes an open one. */
  public LockstepPipe() {}

  /** Sending, or waiting to: one at a time (KIT-L7). */
  public Exclusive sending() {
    return sending;
  }

  /** Receiving: one at a time (KIT-L7). */
  public Exclusive receiving() {
    return receiving;
  }

  /**
   * Begins a send. What was begun must be ended with {@link #withdraw}.
   *
   * @param data not copied, and not touched any more once the send was withdrawn
   * @return true when the send is over: there was nothing to send (KIT-L3)
   * @throws IOException Closed or Broken
   */
  public boolean offer(ByteBuffer data) throws IOException {
    return room.step(
        () -> {
          throwUnlessFine(lockstep.beforeSend());
          lockstep.offer(data);
          return !data.hasRemaining();
        });
  }

  /**
   * Whether the send is over.
   *
   * @return true when every byte was received; false when some are unread
   * @throws IOException Closed, or Broken, when somebody closed before that (KIT-L4, KIT-L5)
   */
  public boolean isSent() throws IOException {
    return room.step(
        () -> {
          Lockstep.SendState state = lockstep.sendState();
          throwUnlessFine(state);
          return state == Lockstep.SendState.DONE;
        });
  }

  /** Ends a send, whatever has become of it: what is unread is taken back (KIT-L9). */
  public void withdraw() {
    room.change(lockstep::withdraw);
  }

  /**
   * Whether a receiver waits. True as well when the receiver has closed (KIT-L6).
   *
   * @return whether waiting for writability is over
   * @throws IOException Closed, when the sender is closed
   */
  public boolean isWritable() throws IOException {
    return room.step(
        () -> {
          if (lockstep.isSenderClosed()) {
            throw closedSender();
          }
          return lockstep.isWritable();
        });
  }

  /**
   * Takes bytes if there are any.
   *
   * @param into has room
   * @return how many; 0 when there are none yet, and from now on a receiver waits; -1 at the end
   * @throws IOException Closed, when the receiver is closed
   */
  public int take(ByteBuffer into) throws IOException {
    return room.step(
        () -> {
          if (lockstep.isReceiverClosed()) {
            throw new ClosedResourceException("this lockstep receive stream was closed");
          }
          int count = lockstep.take(into);
          lockstep.setReceiverWaiting(count == 0);
          return count;
        });
  }

  /** The receiver waits no more. */
  public void leaveReceive() {
    room.change(() -> lockstep.setReceiverWaiting(false));
    receiving.exit();
  }

  /** Closes the sending end. Idempotent. */
  public void closeSender() {
    room.change(lockstep::closeSender);
  }

  /** Closes the receiving end. Idempotent. */
  public void closeReceiver() {
    room.change(lockstep::closeReceiver);
  }

  /** Where to wait until {@link #isSent} has a result. */
  public WaitPlace sent() {
    return sent;
  }

  /** Where to wait until {@link #isWritable} has a result. */
  public WaitPlace writable() {
    return writable;
  }

  /** Where to wait until {@link #take} has a result. */
  public WaitPlace receivable() {
    return receivable;
  }

  private static void throwUnlessFine(Lockstep.SendState state) throws IOException {
    switch (state) {
      case CLOSED -> throw closedSender();
      case BROKEN ->
          throw new BrokenResourceException(
              "the receiving end of this lockstep stream was closed", null);
      case DONE, UNREAD -> {}
    }
  }

  private static ClosedResourceException closedSender() {
    return new ClosedResourceException("this lockstep send stream was closed");
  }
}
