package dev.tercet.blocking;

import dev.tercet.internal.thread.VirtualThreads;
import java.util.concurrent.ThreadFactory;

/** Threads for tasks: virtual where the JVM has them, platform threads elsewhere. */
final class NurseryThreads {
  private NurseryThreads() {}

  /**
   * Makes a thread that is not started. It is a daemon: the thread that runs the nursery waits for
   * it anyway, and decides for itself whether the JVM stays.
   */
  static Thread unstarted(String name, Runnable body) {
    ThreadFactory virtual = VirtualThreads.factory();
    if (virtual == null) {
      Thread thread = new Thread(body, name);
      thread.setDaemon(true);
      return thread;
    }
    Thread thread = virtual.newThread(body);
    thread.setName(name);
    return thread;
  }
}
