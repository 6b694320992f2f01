package dev.tercet.coroutines.internal

/** Marks a dispatcher whose delays and timeouts take no real time. */
public interface InVirtualTime
