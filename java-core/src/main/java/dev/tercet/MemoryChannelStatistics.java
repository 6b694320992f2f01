package dev.tercet;

/**
 * What a memory channel holds and who uses it (spec IO-CH6): a snapshot.
 *
 * @param buffered how many messages are in the buffer now
 * @param capacity how many it can hold; {@link Integer#MAX_VALUE} is no limit
 * @param peak how many it has held at most; never reset
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
