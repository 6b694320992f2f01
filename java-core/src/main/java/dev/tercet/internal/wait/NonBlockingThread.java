package dev.tercet.internal.wait;

/**
 * Marks a thread that must never wait, an event loop's: blocking calls are refused on it. The mark
 * keeps this package from knowing the loop, which is built on it.
 */
public interface NonBlockingThread {}
