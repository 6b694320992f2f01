package dev.tercet.architecture.broken.proto;

import dev.tercet.architecture.broken.blocking.Net;
import java.net.ServerSocket;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Breaks everything that a machine promises. */
public class Impure {
  /** Not a part of the root package. */
  Net net = new Net();

  /** A socket. */
  @Nullable ServerSocket server;

  /** A lock. */
  ReentrantLock lock = new ReentrantLock();

  private long time;

  /** Reads the clock, under a lock of its own. */
  synchronized void tick() {
    time = System.nanoTime();
  }

  /** The last tick. */
  synchronized long time() {
    return time;
  }
}
