package dev.tercet.internal.channel;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.EndOfChannelException;
import dev.tercet.MemoryChannelStatistics;
import dev.tercet.ResourceException;
import dev.tercet.WouldBlockException;
import dev.tercet.internal.wait.Latch;
import dev.tercet.proto.MemoryChannelState;
import dev.tercet.proto.MemoryChannelState.Handle;
import dev.tercet.proto.MemoryChannelState.Operation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A memory channel with its lock: what the drivers of both languages share. They add only how to
 * wait.
 *
 * <p>An operation that has to wait carries a {@link Latch} as its {@linkplain Operation#waker()
 * waker}; one that has none is settled. After the wait, or when {@link #withdraw} came too late,
 * {@link #sent} or {@link #received} tells the outcome.
 *
 * <p>Latches are opened after the lock is released: a waiter may run in place.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class SharedChannel<T extends @Nullable Object> {
  /** Guarded by this. */
  private final MemoryChannelState<T, Latch> state;

  /**
   * Makes a channel without handles.
   *
   * @param capacity as {@link MemoryChannelState}'s
   */
  public SharedChannel(int capacity) {
    this.state = new MemoryChannelState<>(capacity);
  }

  /**
   * Opens a sending handle.
   *
   * @return open
   */
  public synchronized Handle openSender() {
    return state.openSender();
  }

  /**
   * Opens a receiving handle.
   *
   * @return open
   */
  public synchronized Handle openReceiver() {
    return state.openReceiver();
  }

  /**
   * Opens another sending handle.
   *
   * @param handle one that must be open
   * @return open
   * @throws ClosedResourceException when the first is closed
   */
  public synchronized Handle duplicateSender(Handle handle) throws ClosedResourceException {
    ensureOpen(handle);
    return state.openSender();
  }

  /**
   * Opens another receiving handle.
   *
   * @param handle one that must be open
   * @return open
   * @throws ClosedResourceException when the first is closed
   */
  public synchronized Handle duplicateReceiver(Handle handle) throws ClosedResourceException {
    ensureOpen(handle);
    return state.openReceiver();
  }

  /**
   * Sends.
   *
   * @return settled, or with a latch
   */
  public Operation<T, Latch> send(Handle handle, T message) {
    Operation<T, Latch> send;
    List<Latch> due;
    synchronized (this) {
      send = state.send(handle, message);
      makeReadyToWait(send);
      due = settled();
    }
    open(due);
    return send;
  }

  /**
   * Sends without waiting.
   *
   * @throws WouldBlockException when it would have to wait
   * @throws ResourceException when it cannot be sent
   */
  public void sendNow(Handle handle, T message) throws ResourceException {
    Operation<T, Latch> send;
    List<Latch> due;
    synchronized (this) {
      send = state.send(handle, message);
      if (state.withdraw(send)) {
        throw new WouldBlockException("sending would have to wait for room or for a receiver");
      }
      due = settled();
    }
    open(due);
    sent(send);
  }

  /**
   * Receives.
   *
   * @return settled, or with a latch
   */
  public Operation<T, Latch> receive(Handle handle) {
    Operation<T, Latch> receive;
    List<Latch> due;
    synchronized (this) {
      receive = state.receive(handle);
      makeReadyToWait(receive);
      due = settled();
    }
    open(due);
    return receive;
  }

  /**
   * Receives without waiting.
   *
   * @throws WouldBlockException when it would have to wait
   * @throws ResourceException when there is no message
   */
  public T receiveNow(Handle handle) throws ResourceException {
    Operation<T, Latch> receive;
    List<Latch> due;
    synchronized (this) {
      receive = state.receive(handle);
      if (state.withdraw(receive)) {
        throw new WouldBlockException("receiving would have to wait for a message");
      }
      due = settled();
    }
    open(due);
    return received(receive);
  }

  /**
   * Takes an operation back whose wait was cancelled.
   *
   * @return true: it never happened. False: it is settled, and its outcome wins over the
   *     cancellation
   */
  public synchronized boolean withdraw(Operation<T, Latch> operation) {
    return state.withdraw(operation);
  }

  /**
   * What became of a settled send.
   *
   * @throws ResourceException when it was not
   */
  public void sent(Operation<T, Latch> send) throws ResourceException {
    switch (send.outcome()) {
      case DONE -> {}
      case CLOSED -> throw closed();
      case BROKEN ->
          throw new BrokenResourceException("nobody can receive from this channel any more", null);
      default -> throw new AssertionError(send.outcome());
    }
  }

  /**
   * What became of a settled receive.
   *
   * @throws ResourceException when there is none
   */
  public T received(Operation<T, Latch> receive) throws ResourceException {
    switch (receive.outcome()) {
      case DONE -> {
        return receive.message();
      }
      case CLOSED -> throw closed();
      case END -> throw new EndOfChannelException();
      default -> throw new AssertionError(receive.outcome());
    }
  }

  /**
   * Closes one handle.
   *
   * @param handle of this channel, closed or not
   */
  public void close(Handle handle) {
    List<Latch> due;
    synchronized (this) {
      state.close(handle);
      due = settled();
    }
    open(due);
  }

  /**
   * What is in the channel and who uses it.
   *
   * @return a snapshot
   */
  public synchronized MemoryChannelStatistics statistics() {
    return state.statistics();
  }

  private void makeReadyToWait(Operation<T, Latch> operation) {
    if (operation.outcome() == MemoryChannelState.Outcome.WAITING) {
      operation.wakeWith(new Latch());
    }
  }

  private List<Latch> settled() {
    Operation<T, Latch> operation = state.pollSettled();
    if (operation == null) {
      return List.of();
    }
    List<Latch> due = new ArrayList<>(2);
    while (operation != null) {
      Latch latch = operation.waker();
      if (latch != null) {
        due.add(latch);
      }
      operation = state.pollSettled();
    }
    return due;
  }

  private static void open(List<Latch> due) {
    for (Latch latch : due) {
      latch.open();
    }
  }

  private static void ensureOpen(Handle handle) throws ClosedResourceException {
    if (handle.isClosed()) {
      throw closed();
    }
  }

  private static ClosedResourceException closed() {
    return new ClosedResourceException("this end of the channel was closed");
  }
}
