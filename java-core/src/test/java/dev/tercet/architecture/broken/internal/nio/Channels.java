package dev.tercet.architecture.broken.internal.nio;

import dev.tercet.architecture.broken.socket.Plug;

/** Breaks: internals import no driver. */
public class Channels {
  /** What it must not know. */
  Plug plug = new Plug();
}
