package dev.tercet.benchmarks.contender;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ThreadFactory;

/** The two kinds of threads on which a blocking server runs. We compile for JDK 17. */
final class Threads {
  private Threads() {}

  /** Daemons, with a stack that a thousand of them can have. */
  static ThreadFactory platform() {
    return body -> {
      Thread thread = new Thread(null, body, "bench", 256 * 1024);
      thread.setDaemon(true);
      return thread;
    };
  }

  static ThreadFactory virtual() {
    try {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      Class<?> ofVirtual = Class.forName("java.lang.Thread$Builder$OfVirtual");
      MethodHandle builder =
          lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(ofVirtual));
      MethodHandle factory =
          lookup.findVirtual(ofVirtual, "factory", MethodType.methodType(ThreadFactory.class));
      return (ThreadFactory) factory.invoke(builder.invoke());
    } catch (Throwable e) {
      throw new IllegalStateException(
          "JDK " + Runtime.version().feature() + " has no virtual threads", e);
    }
  }
}
