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
 * A receiving end of a {@link MemoryChannel}. Any number of threads may receive on it; each message
 * goes to exactly one.
 *
 * @param <T> the type of the messages
 */
public final class MemoryReceiveChannel<T extends @Nullable Object>
    implements MessageReceiveChannel<T> {
  private final SharedChannel<T> channel;
  private final Handle handle;

  MemoryReceiveChannel(SharedChannel<T> channel, Handle handle) {
    this.channel = channel;
    this.handle = handle;
  }

  @Override
  public T receive() throws IOException, InterruptedException {
    Parking.checkpoint();
    Operation<T, Latch> receive = channel.receive(handle);
    MemoryChannelWait.await(channel, receive);
    return channel.received(receive);
  }

  /**
   * Receives one message if that is possible without waiting.
   *
   * <p><i>Errors:</i> {@link dev.tercet.WouldBlockException} when it would have to wait: there is
   * no message, or others have been waiting for it; else as {@link #receive}.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @return the message
   * @throws ResourceException at the end of the channel, or when this end is closed
   */
  public T receiveNow() throws ResourceException {
    return channel.receiveNow(handle);
  }

  /**
   * Makes another receiving end of the same channel, which is closed separately.
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
  public MemoryReceiveChannel<T> duplicate() throws ClosedResourceException {
    return new MemoryReceiveChannel<>(channel, channel.duplicateReceiver(handle));
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
   * end get {@link ClosedResourceException}. After the last receiving end, senders get {@link
   * dev.tercet.BrokenResourceException} and the messages in the channel are dropped (spec IO-CH4).
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
