package dev.tercet.task;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Threads for tasks: virtual where the JVM has them, platform threads elsewhere. We compile for JDK
 * 17, so virtual threads are looked up by name, once.
 */
final class NurseryThreads {
  private static final @Nullable ThreadFactory VIRTUAL = virtualThreads();

  private NurseryThreads() {}

  /**
   * Makes a thread that is not started. It is a daemon: the thread that runs the nursery waits for
   * it anyway, and decides for itself whether the JVM stays.
   */
  static Thread unstarted(String name, Runnable body) {
    if (VIRTUAL == null) {
      Thread thread = new Thread(body, name);
      thread.setDaemon(true);
      return thread;
    }
    Thread thread = VIRTUAL.newThread(body);
    thread.setName(name);
    return thread;
  }

  private static @Nullable ThreadFactory virtualThreads() {
    try {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      Class<?> ofVirtual = Class.forName("java.lang.Thread$Builder$OfVirtual");
      MethodHandle builder =
          lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(ofVirtual));
      MethodHandle factory =
          lookup.findVirtual(ofVirtual, "factory", MethodType.methodType(ThreadFactory.class));
      return (ThreadFactory) factory.invoke(builder.invoke());
    } catch (Throwable e) {
      // JDK 17 has none, 19 and 20 refuse them without --enable-preview, others may do as they
      // like.
      return null;
    }
  }
}
