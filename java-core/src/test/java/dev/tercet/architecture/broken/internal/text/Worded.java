package dev.tercet.architecture.broken.internal.text;

import dev.tercet.architecture.broken.socket.Plug;

/** Breaks: texts import nothing of ours. */
public class Worded {
  /** What it must not know. */
  Plug plug = new Plug();
}
