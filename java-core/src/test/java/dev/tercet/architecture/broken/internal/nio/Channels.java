package dev.tercet.architecture.broken.internal.nio;

import dev.tercet.architecture.broken.blocking.StreamSocket;

/** Breaks: internals import no driver; only the log uses loggers. */
public class Channels {
  /** May throw. */
  System.Logger logger = System.getLogger("broken");

  /** What it must not know. */
  StreamSocket socket = new StreamSocket();
}
