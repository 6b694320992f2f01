package dev.tercet.internal.thread;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** Virtual threads, by name: we compile for JDK 17. They are looked up once. */
public final class VirtualThreads {
  private static final @Nullable ThreadFactory FACTORY = find();
  private static final @Nullable MethodHandle IS_VIRTUAL = findIsVirtual();

  private VirtualThreads() {}

  /**
   * Makes them, if the JVM has them.
   *
   * @return null when it has none: JDK 17; 19 and 20 without {@code --enable-preview}
   */
  public static @Nullable ThreadFactory factory() {
    return FACTORY;
  }

  /**
   * Whether a thread is one.
   *
   * @return false also where there are none
   */
  public static boolean isVirtual(Thread thread) {
    MethodHandle isVirtual = IS_VIRTUAL;
    if (isVirtual == null) {
      return false;
    }
    try {
      return (boolean) isVirtual.invokeExact(thread);
    } catch (Throwable e) {
      throw new LinkageError("Thread.isVirtual failed", e);
    }
  }

  private static @Nullable MethodHandle findIsVirtual() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
    } catch (NoSuchMethodException | IllegalAccessException e) {
      return null;
    }
  }

  private static @Nullable ThreadFactory find() {
    try {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      Class<?> ofVirtual = Class.forName("java.lang.Thread$Builder$OfVirtual");
      MethodHandle builder =
          lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(ofVirtual));
      MethodHandle factory =
          lookup.findVirtual(ofVirtual, "factory", MethodType.methodType(ThreadFactory.class));
      return (ThreadFactory) factory.invoke(builder.invoke());
    } catch (Throwable e) {
      // Whatever else another JVM may say.
      return null;
    }
  }
}
