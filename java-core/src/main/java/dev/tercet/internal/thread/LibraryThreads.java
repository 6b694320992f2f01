package dev.tercet.internal.thread;

import java.security.AccessController;
import java.security.PrivilegedAction;

/**
 * Threads of the library that outlive the call that starts them.
 *
 * <p><b>The problem.</b> A new thread inherits from the thread that makes it: the context class
 * loader, the inheritable thread locals, the thread group, the priority, and, up to JDK 23, the
 * access control context, which refers to the classes on the stack. In a container that is an
 * application, which then can never be unloaded.
 *
 * <p><b>The strategy.</b> Such threads get the system's class loader and the top thread group,
 * inherit no thread locals, and are made in a privileged call, where the stack ends.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class LibraryThreads {
  private LibraryThreads() {}

  /** Makes a thread that is not started. */
  @FunctionalInterface
  public interface Maker<T extends Thread> {
    /**
     * Makes it.
     *
     * @return a thread that inherits no thread locals
     */
    T make(ThreadGroup group);
  }

  /**
   * Makes a daemon that inherits nothing.
   *
   * @param maker makes the thread
   * @param <T> the type of the thread
   * @return the thread, not started
   */
  @SuppressWarnings("removal") // of the access control context; until then it has to be cut off
  public static <T extends Thread> T make(Maker<T> maker) {
    return AccessController.doPrivileged((PrivilegedAction<T>) () -> makeHere(maker));
  }

  /**
   * Makes a daemon that inherits nothing.
   *
   * @param name of the thread
   * @return the thread, not started
   */
  public static Thread make(String name, Runnable body) {
    return make(group -> new Thread(group, body, name, 0, false));
  }

  @SuppressWarnings("ThreadPriorityCheck") // the usual one, not that of whoever came first
  private static <T extends Thread> T makeHere(Maker<T> maker) {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    for (ThreadGroup above = group; above != null; above = above.getParent()) {
      group = above;
    }
    T thread = maker.make(group);
    thread.setDaemon(true);
    thread.setPriority(Thread.NORM_PRIORITY);
    thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
    return thread;
  }
}
