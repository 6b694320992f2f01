package dev.tercet.architecture.broken;

import dev.tercet.architecture.broken.stream.Anything;

/** Breaks: the root package imports no other; no cycles. */
public class Shared {
  /** What it must not know. */
  Anything anything = new Anything();
}
