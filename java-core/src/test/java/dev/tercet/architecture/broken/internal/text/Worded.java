package dev.tercet.architecture.broken.internal.text;

import dev.tercet.architecture.broken.blocking.StreamSocket;

/** Breaks: texts import nothing of ours. */
public class Worded {
  /** What it must not know. */
  StreamSocket socket = new StreamSocket();
}
