package dev.tercet.blocking;

import dev.tercet.MemoryChannelStatistics;
import dev.tercet.internal.channel.SharedChannel;
import org.jspecify.annotations.Nullable;

/**
 * A channel of messages between tasks of the program, with backpressure. The two ends are separate
 * objects, {@link #sender()} and {@link #receiver()}; either can be {@linkplain
 * MemorySendChannel#duplicate duplicated}, and each duplicate is closed separately (spec IO-CH4).
 * When the last sender is closed, receivers get the remaining messages and then {@link
 * dev.tercet.EndOfChannelException}; when the last receiver is closed, senders get {@link
 * dev.tercet.BrokenResourceException}.
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
   * @param capacity how many messages the buffer may hold; 0 makes a rendezvous, where each send
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
   * The content and the users of the channel (spec IO-CH6).
   *
   * @return a snapshot
   */
  public MemoryChannelStatistics statistics() {
    return channel.statistics();
  }
}
