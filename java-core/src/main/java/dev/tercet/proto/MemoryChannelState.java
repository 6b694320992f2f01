package dev.tercet.proto;

import dev.tercet.MemoryChannelStatistics;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A channel of messages in memory: bounded, or a rendezvous when its capacity is 0, with any number
 * of handles on both sides (spec IO-CH1 to IO-CH7).
 *
 * <p>An operation is an object. It is {@linkplain Outcome settled} at once, or it waits in line
 * until another operation settles it: the line is first come, first served (spec IO-CH2), and what
 * settles an operation is its own from then on. A waiting receiver owns the next message, so no
 * later receiver can snatch it; a waiting sender owns the space that becomes free (spec IO-CH3).
 * That is also why kotlinx's channel was not used: it differs in this, has no handles of its own to
 * close, and can lose a message in a cancellation (spec IO-CH7).
 *
 * <pre>
 * outcome   of a send                     of a receive
 * WAITING   no room, no receiver waits    nothing to receive
 * DONE      delivered or buffered         {@link Operation#message()} is the message
 * CLOSED    its handle was closed         its handle was closed
 * BROKEN    no receiving handle is open   -
 * END       -                             nothing is left and no sending handle is open
 *
 * WAITING -&gt; DONE | CLOSED | BROKEN | END   by another operation, in the queue of {@link #pollSettled}
 * WAITING -&gt; WITHDRAWN                      by {@link #withdraw}: it never happened
 * </pre>
 *
 * <p>All outcomes but {@code WAITING} are absorbing: {@link #withdraw} of a settled operation
 * fails, and then its outcome counts, so that a message that was handed over is never lost to a
 * cancellation.
 *
 * <p>Invariants: messages are buffered only while no receiver waits; senders wait only while the
 * buffer is full; nobody waits on a closed handle.
 *
 * <p>Not thread-safe; the caller holds the channel's lock, and wakes what {@link #pollSettled}
 * gives after releasing it.
 *
 * @param <W> what the driver keeps with a waiting operation, to wake it with
 */
public final class MemoryChannelState<T extends @Nullable Object, W> {
  private final int capacity;

  /** The messages of sends that are done, in their order. */
  private final ArrayDeque<Operation<T, W>> buffer = new ArrayDeque<>();

  private final Set<Operation<T, W>> sends = new LinkedHashSet<>();
  private final Set<Operation<T, W>> receives = new LinkedHashSet<>();
  private final Queue<Operation<T, W>> settled = new ArrayDeque<>();
  private int openSenders;
  private int openReceivers;
  private int peak;

  /**
   * Makes a channel without handles.
   *
   * @param capacity how many messages the buffer holds; 0 makes a rendezvous, {@link
   *     Integer#MAX_VALUE} has no limit
   * @throws IllegalArgumentException when {@code capacity} is negative
   */
  public MemoryChannelState(int capacity) {
    if (capacity < 0) {
      throw new IllegalArgumentException("capacity must be at least 0, not " + capacity);
    }
    this.capacity = capacity;
  }

  /** How an operation stands. */
  public enum Outcome {
    /** In line. */
    WAITING,
    /** It has happened. */
    DONE,
    /** Its own handle is closed. */
    CLOSED,
    /** Nobody can receive any more. */
    BROKEN,
    /** Nobody can send any more, and everything has been received. */
    END,
    /** Taken out of the line; it has not happened. */
    WITHDRAWN
  }

  /** One of the ends that a user holds. */
  public static final class Handle {
    private final boolean sends;
    private boolean closed;

    private Handle(boolean sends) {
      this.sends = sends;
    }

    /**
     * Whether it was closed.
     *
     * @return true from the first close on
     */
    public boolean isClosed() {
      return closed;
    }
  }

  /**
   * A send or a receive.
   *
   * @param <W> what the driver keeps with it
   */
  public static final class Operation<T extends @Nullable Object, W> {
    private final Handle handle;
    private @Nullable T message;
    private Outcome outcome = Outcome.WAITING;
    private @Nullable W waker;

    private Operation(Handle handle, @Nullable T message) {
      this.handle = handle;
      this.message = message;
    }

    /**
     * How it stands.
     *
     * @return changes only from {@link Outcome#WAITING}
     */
    public Outcome outcome() {
      return outcome;
    }

    /**
     * What was received.
     *
     * @return the message, of a receive that is {@link Outcome#DONE}
     */
    @SuppressWarnings("NullAway") // null only if the sender's T admits it
    public T message() {
      return message;
    }

    /**
     * What to wake it with.
     *
     * @return what was given to {@link #wakeWith}, null when nothing was
     */
    public @Nullable W waker() {
      return waker;
    }

    /**
     * Says what to wake it with.
     *
     * @param waker kept until it is settled
     */
    public void wakeWith(W waker) {
      this.waker = waker;
    }
  }

  /**
   * Opens a sending handle.
   *
   * @return open
   */
  public Handle openSender() {
    openSenders++;
    return new Handle(true);
  }

  /**
   * Opens a receiving handle.
   *
   * @return open
   */
  public Handle openReceiver() {
    openReceivers++;
    return new Handle(false);
  }

  /**
   * Sends.
   *
   * @return settled, or in line
   */
  public Operation<T, W> send(Handle handle, T message) {
    Operation<T, W> send = new Operation<>(handle, message);
    if (handle.closed) {
      send.outcome = Outcome.CLOSED;
    } else if (openReceivers == 0) {
      send.outcome = Outcome.BROKEN;
    } else {
      Operation<T, W> receive = pollFirst(receives);
      if (receive != null) {
        receive.message = message;
        settle(receive, Outcome.DONE);
        send.outcome = Outcome.DONE;
      } else if (buffer.size() < capacity) {
        buffered(send);
        send.outcome = Outcome.DONE;
      } else {
        sends.add(send);
      }
    }
    return send;
  }

  /**
   * Receives.
   *
   * @return settled, or in line
   */
  public Operation<T, W> receive(Handle handle) {
    Operation<T, W> receive = new Operation<>(handle, null);
    if (handle.closed) {
      receive.outcome = Outcome.CLOSED;
      return receive;
    }
    Operation<T, W> oldest = buffer.poll();
    Operation<T, W> waiting = pollFirst(sends);
    if (waiting != null) {
      settle(waiting, Outcome.DONE);
      if (oldest == null) {
        oldest = waiting;
      } else {
        buffered(waiting);
      }
    }
    if (oldest != null) {
      receive.message = oldest.message;
      receive.outcome = Outcome.DONE;
    } else if (openSenders == 0) {
      receive.outcome = Outcome.END;
    } else {
      receives.add(receive);
    }
    return receive;
  }

  /**
   * Takes an operation out of the line.
   *
   * @return true: it never happened. False: it is settled, and its outcome counts
   */
  public boolean withdraw(Operation<T, W> operation) {
    if (operation.outcome != Outcome.WAITING) {
      return false;
    }
    (operation.handle.sends ? sends : receives).remove(operation);
    operation.outcome = Outcome.WITHDRAWN;
    return true;
  }

  /**
   * Closes a handle. Operations that wait on this very handle are {@link Outcome#CLOSED}. With the
   * last sender, waiting receives come to their {@link Outcome#END}; with the last receiver,
   * waiting sends are {@link Outcome#BROKEN} and the buffer is dropped (spec IO-CH4).
   *
   * @param handle of this channel, closed or not
   */
  public void close(Handle handle) {
    if (handle.closed) {
      return;
    }
    handle.closed = true;
    Set<Operation<T, W>> line = handle.sends ? sends : receives;
    for (Iterator<Operation<T, W>> i = line.iterator(); i.hasNext(); ) {
      Operation<T, W> operation = i.next();
      if (operation.handle == handle) {
        i.remove();
        settle(operation, Outcome.CLOSED);
      }
    }
    if (handle.sends) {
      if (--openSenders == 0) {
        settleAll(receives, Outcome.END);
      }
    } else if (--openReceivers == 0) {
      settleAll(sends, Outcome.BROKEN);
      buffer.clear();
    }
  }

  /**
   * The next operation that was in line and has been settled by another, to be woken by the caller.
   *
   * @return null when there is none
   */
  public @Nullable Operation<T, W> pollSettled() {
    return settled.poll();
  }

  /**
   * What is in the channel and who uses it.
   *
   * @return a snapshot
   */
  public MemoryChannelStatistics statistics() {
    return new MemoryChannelStatistics(
        buffer.size(), capacity, peak, openSenders, openReceivers, sends.size(), receives.size());
  }

  private void buffered(Operation<T, W> send) {
    buffer.add(send);
    peak = Math.max(peak, buffer.size());
  }

  private void settleAll(Set<Operation<T, W>> line, Outcome outcome) {
    for (Operation<T, W> operation : line) {
      settle(operation, outcome);
    }
    line.clear();
  }

  private void settle(Operation<T, W> operation, Outcome outcome) {
    operation.outcome = outcome;
    settled.add(operation);
  }

  private static <O> @Nullable O pollFirst(Set<O> line) {
    Iterator<O> i = line.iterator();
    if (!i.hasNext()) {
      return null;
    }
    O first = i.next();
    i.remove();
    return first;
  }
}
