package dev.tercet.architecture.broken.stream;

import dev.tercet.architecture.broken.Shared;
import dev.tercet.architecture.broken.net.Entry;

/** Breaks: nobody imports net. */
public class Anything {
  /** Allowed, but for the cycle. */
  Shared shared = new Shared();

  /** What it must not know. */
  Entry entry = new Entry();
}
