package dev.tercet.testing;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A call that is made by a thread of its own. */
public final class InThread {
  /** What is called; it may fail. */
  public interface Call {
    void run() throws Exception;
  }

  public final Thread thread;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

  private InThread(Call call) {
    thread =
        new Thread(
            () -> {
              try {
                call.run();
              } catch (Throwable e) {
                failure.set(e);
              }
            });
    thread.setDaemon(true);
  }

  public static InThread start(Call call) {
    InThread inThread = new InThread(call);
    inThread.thread.start();
    return inThread;
  }

  /** Returns when the thread is waiting for something, with a limit or without, or has ended. */
  public InThread awaitParked() {
    while (thread.isAlive() && !isParked()) {
      Thread.onSpinWait();
    }
    return this;
  }

  private boolean isParked() {
    Thread.State state = thread.getState();
    return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
  }

  /** Waits for the end: what the call threw, null when it returned. */
  public @Nullable Throwable outcome() throws InterruptedException {
    thread.join();
    return failure.get();
  }
}
