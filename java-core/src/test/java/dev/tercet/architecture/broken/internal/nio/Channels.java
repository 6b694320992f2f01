package dev.tercet.architecture.broken.internal.nio;

import dev.tercet.architecture.broken.socket.Plug;

/** Breaks: internals import no driver; only the log uses loggers. */
public class Channels {
  /** May throw. */
  System.Logger logger = System.getLogger("broken");

  /** What it must not know. */
  Plug plug = new Plug();
}
