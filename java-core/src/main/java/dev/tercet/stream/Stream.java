package dev.tercet.stream;

/**
 * A byte stream in both directions. The directions are independent: one thread may send while
 * another receives.
 */
public interface Stream extends SendStream, ReceiveStream {}
