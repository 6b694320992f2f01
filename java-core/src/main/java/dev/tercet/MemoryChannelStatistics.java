package dev.tercet;

import dev.tercet.internal.text.Counts;

/**
 * The content and the users of a memory channel (spec IO-CH6): a snapshot.
 *
 * @param buffered how many messages are in the buffer now
 * @param capacity how many it can hold; {@link Integer#MAX_VALUE} is no limit
 * @param peak the highest number so far; never reset
 * @param openSenders how many sending handles are open
 * @param openReceivers how many receiving handles are open
 * @param waitingSenders how many tasks wait for room, or for a receiver
 * @param waitingReceivers how many tasks wait for a message
 */
public record MemoryChannelStatistics(
    int buffered,
    int capacity,
    int peak,
    int openSenders,
    int openReceivers,
    int waitingSenders,
    int waitingReceivers) {
  /**
   * For example {@code 3 messages of at most 5, peak 4; 2 senders, 1 waiting; 1 receiver, 0
   * waiting}.
   */
  @Override
  public String toString() {
    return Counts.of(buffered, "message", "messages")
        + (capacity == Integer.MAX_VALUE ? " without limit" : " of at most " + capacity)
        + ", peak "
        + peak
        + "; "
        + Counts.of(openSenders, "sender", "senders")
        + ", "
        + waitingSenders
        + " waiting; "
        + Counts.of(openReceivers, "receiver", "receivers")
        + ", "
        + waitingReceivers
        + " waiting";
  }
}
