package dev.tercet.architecture.broken.blocking;

/** Must not be used. */
public class Net {}
