package dev.tercet.blocking;

import dev.tercet.ClosedResourceException;
import dev.tercet.MemoryChannelStatistics;
import dev.tercet.ResourceException;
import dev.tercet.internal.channel.SharedChannel;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import dev.tercet.proto.MemoryChannelState.Handle;
import dev.tercet.proto.MemoryChannelState.Operation;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A sending end of a {@link MemoryChannel}. Any number of threads may send on it.
 *
 * @param <T> the type of the messages
 */
public final class MemorySendChannel<T extends @Nullable Object> implements MessageSendChannel<T> {
  private final SharedChannel<T> channel;
  private final Handle handle;

  MemorySendChannel(SharedChannel<T> channel, Handle handle) {
    this.channel = channel;
    this.handle = handle;
  }

  @Override
  public void send(T message) throws IOException, InterruptedException {
    Parking.checkpoint();
    Operation<T, Latch> send = channel.send(handle, message);
    MemoryChannelWait.await(channel, send);
    channel.sent(send);
  }

  /**
   * Sends one message if that is possible without waiting.
   *
   * <p><i>Errors:</i> {@link dev.tercet.WouldBlockException} when it would have to wait: the buffer
   * is full and no receiver is waiting; else as {@link #send}.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param message what to send
   * @throws ResourceException when no receiver is left, or this end is closed
   */
  public void sendNow(T message) throws ResourceException {
    channel.sendNow(handle, message);
  }

  /**
   * Makes another sending end of the same channel, which is closed separately.
   *
   * <p><i>Errors:</i> {@link ClosedResourceException} when this end is closed.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @return the new end
   * @throws ClosedResourceException when this end is closed
   */
  public MemorySendChannel<T> duplicate() throws ClosedResourceException {
    return new MemorySendChannel<>(channel, channel.duplicateSender(handle));
  }

  /**
   * The content and the users of the channel (spec IO-CH6).
   *
   * @return a snapshot
   */
  public MemoryChannelStatistics statistics() {
    return channel.statistics();
  }

  /**
   * Closes this end; others of the same channel stay open. Threads that are blocked on this very
   * end get {@link ClosedResourceException}. After the last sending end, receivers get the
   * remaining messages and then the end of the channel (spec IO-CH4).
   *
   * <p><i>Errors:</i> none.
   *
   * <p><i>Interruption:</i> keeps the flag; in an expired cancel scope this closes and then throws
   * {@code CancelledException}.
   *
   * <p><i>Thread-safety:</i> any thread, any number of times.
   */
  @Override
  public void close() {
    closeForcefully();
    Parking.throwIfExpired();
  }

  @Override
  public void closeForcefully() {
    channel.close(handle);
  }
}
