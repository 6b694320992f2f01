package dev.tercet;

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
    int waitingReceivers) {}
