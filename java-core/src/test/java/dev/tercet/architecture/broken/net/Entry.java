package dev.tercet.architecture.broken.net;

/** Must not be imported. */
public class Entry {}
