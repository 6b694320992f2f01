package dev.tercet.architecture.broken;

import dev.tercet.architecture.broken.blocking.TlsStream;

/** Breaks: the root package imports no other; no cycles. */
public class Shared {
  /** What it must not know. */
  TlsStream stream = new TlsStream();
}
