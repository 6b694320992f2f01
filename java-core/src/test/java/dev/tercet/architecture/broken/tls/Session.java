package dev.tercet.architecture.broken.tls;

import dev.tercet.architecture.broken.socket.Plug;

/** Breaks: tls does not import socket. */
public class Session {
  /** What it must not know. */
  Plug plug = new Plug();
}
