package dev.tercet.architecture.broken.blocking;

import dev.tercet.architecture.broken.Shared;

/** Breaks: TLS streams know no socket; nobody uses Net. */
public class TlsStream {
  /** What it must not know. */
  StreamSocket socket = new StreamSocket();

  /** What nobody uses. */
  Net net = new Net();

  /** Allowed, but for the cycle. */
  Shared shared = new Shared();
}
