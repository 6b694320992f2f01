package dev.tercet.architecture.broken.blocking;

/** Must not be known to TLS, to values and to internals. */
public class StreamSocket {}
