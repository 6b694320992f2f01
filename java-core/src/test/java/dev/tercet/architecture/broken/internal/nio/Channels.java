package dev.tercet.architecture.broken.internal.nio;

import dev.tercet.architecture.broken.blocking.StreamSocket;
import org.jspecify.annotations.Nullable;

/**
 * Breaks: internals import no driver; only the log uses loggers; one package uses Bouncy Castle;
 * only events use the flight recorder.
 */
public class Channels {
  /** May throw. */
  System.Logger logger = System.getLogger("broken");

  /** May be missing. */
  org.bouncycastle.tls.@Nullable Certificate certificate;

  /** May fail. */
  jdk.jfr.@Nullable Event event;

  /** What it must not know. */
  StreamSocket socket = new StreamSocket();
}
