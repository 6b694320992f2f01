package dev.tercet.architecture.broken.socket;

/** Must not be imported by tls and by internals. */
public class Plug {}
