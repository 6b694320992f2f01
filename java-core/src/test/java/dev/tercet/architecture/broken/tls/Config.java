package dev.tercet.architecture.broken.tls;

import dev.tercet.architecture.broken.blocking.StreamSocket;

/** Breaks: tls imports only the root package. */
public class Config {
  /** What it must not know. */
  StreamSocket socket = new StreamSocket();
}
