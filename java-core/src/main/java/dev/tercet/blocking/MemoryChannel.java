package dev.tercet.blocking;

import dev.tercet.MemoryChannelStatistics;
import dev.tercet.internal.channel.SharedChannel;
import org.jspecify.annotations.Nullable;

/**
 * A channel of messages inside the program: how tasks hand work to each other, with back-pressure.
 * The two ends are separate objects, {@link #sender()} and {@link #receiver()}; either can be
 * {@linkplain MemorySendChannel#duplicate duplicated}, and each duplicate is closed on its own
 * (spec IO-CH4). When the last sender is closed, receivers get what is left and then the end; when
 * the last receiver is closed, senders get {@link dev.tercet.BrokenResourceException}.
 *
 * <p>The longest waiter is served first, on both sides. Blocking; the suspending twin is {@code
 * dev.tercet.coroutines.MemoryChannel}.
 *
 * @param <T> the type of the messages
 */
public final class MemoryChannel<T extends @Nullable Object> {
  private final SharedChannel<T> channel;
  private final MemorySendChannel<T> sender;
  private final MemoryReceiveChannel<T> receiver;

  private MemoryChannel(int capacity) {
    channel = new SharedChannel<>(capacity);
    sender = new MemorySendChannel<>(channel, channel.openSender());
    receiver = new MemoryReceiveChannel<>(channel, channel.openReceiver());
  }

  /**
   * Opens a channel with one sender and one receiver.
   *
   * @param capacity how many messages may lie in the buffer; 0 makes a rendezvous, where each send
   *     waits for a receive; {@link Integer#MAX_VALUE} has no limit
   * @param <T> the type of the messages
   * @return the channel
   * @throws IllegalArgumentException when {@code capacity} is negative
   */
  public static <T extends @Nullable Object> MemoryChannel<T> open(int capacity) {
    return new MemoryChannel<>(capacity);
  }

  /**
   * The sending end.
   *
   * @return the same object each time
   */
  public MemorySendChannel<T> sender() {
    return sender;
  }

  /**
   * The receiving end.
   *
   * @return the same object each time
   */
  public MemoryReceiveChannel<T> receiver() {
    return receiver;
  }

  /**
   * What is in the channel and who uses it (spec IO-CH6).
   *
   * @return a snapshot
   */
  public MemoryChannelStatistics statistics() {
    return channel.statistics();
  }
}
