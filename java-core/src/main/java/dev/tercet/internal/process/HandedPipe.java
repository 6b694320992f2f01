package dev.tercet.internal.process;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.ResourceException;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.internal.wait.Waiter;
import dev.tercet.internal.wait.Waking;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An end of a pipe whose bytes a daemon thread moves, one chunk at a time. Whoever sends or
 * receives waits in memory, where a cancel ends the wait.
 *
 * <p>A platform thread, since a virtual one would hold a carrier.
 */
abstract class HandedPipe implements PipeEnd, WaitPlace, Runnable {
  static final int CHUNK_BYTES = 8192;

  /** Guarded by this. Its bytes: received and not taken, or to be sent and not written. */
  final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).limit(0);

  private final Exclusive turn;
  private final String closedText;
  private final String brokenText;
  private final Latch released = new Latch();

  /** Guarded by this. */
  boolean closed;

  /** Guarded by this. */
  private @Nullable IOException brokenBy;

  /** Guarded by this. */
  private @Nullable Waiter waiter;

  /**
   * For subclasses.
   *
   * @param turn what the task inside is doing
   * @param closedText what whoever uses it after its close is told
   * @param brokenText what precedes the system's reason
   */
  HandedPipe(String turn, String closedText, String brokenText) {
    this.turn = new Exclusive(turn);
    this.closedText = closedText;
    this.brokenText = brokenText;
  }

  /** Moves bytes until the end, or until closed. */
  abstract void move() throws IOException, InterruptedException;

  /** Whether whoever waits has something to do. Guarded by this. */
  abstract boolean isReady();

  /** Somebody is about to wait. Guarded by this. */
  void onWait() {}

  /** Gives up a call that is not over. Not called with the monitor held. */
  void takeBack() {}

  @Override
  public void run() {
    try {
      move();
    } catch (Throwable e) {
      synchronized (this) {
        brokenBy =
            e instanceof IOException io ? io : new IOException("the thread of a pipe has ended", e);
      }
      news();
    }
  }

  /** Something has changed. Not to be called with the monitor held. */
  final void news() {
    Waiter due;
    synchronized (this) {
      notifyAll();
      due = waiter;
      if (due == null || !isAnswered()) {
        return;
      }
      waiter = null;
    }
    Waking.wake(due);
  }

  /** Guarded by this. */
  private boolean isAnswered() {
    return closed || brokenBy != null || isReady();
  }

  /** Guarded by this. */
  final boolean hasWaiter() {
    return waiter != null;
  }

  /** Moves what there is of the chunk, and returns how many bytes. Guarded by this. */
  final int take(ByteBuffer into) {
    int n = Math.min(into.remaining(), chunk.remaining());
    into.put(into.position(), chunk, chunk.position(), n);
    into.position(into.position() + n);
    chunk.position(chunk.position() + n);
    return n;
  }

  /** Copies what there is room for into the empty chunk, and returns how many. Guarded by this. */
  final int fill(ByteBuffer data) {
    int n = Math.min(data.remaining(), CHUNK_BYTES);
    chunk.clear().put(0, data, data.position(), n).limit(n);
    return n;
  }

  @Override
  public final void install(Waiter waiter) {
    synchronized (this) {
      if (!isAnswered()) {
        onWait();
        this.waiter = waiter;
        notifyAll();
        return;
      }
    }
    waiter.wake();
  }

  @Override
  public final synchronized boolean uninstall(Waiter waiter) {
    if (this.waiter != waiter) {
      return false;
    }
    this.waiter = null;
    return true;
  }

  @Override
  public final WaitPlace place() {
    return this;
  }

  @Override
  public final Exclusive turn() {
    return turn;
  }

  @Override
  public final @Nullable SelectorLoop loop() {
    return null;
  }

  @Override
  public final synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public final synchronized void ensureOpen() throws ClosedResourceException {
    if (closed) {
      throw new ClosedResourceException(closedText);
    }
  }

  /** Throws what a use after a close or a failure throws. */
  final synchronized void ensureUsable() throws ResourceException {
    ensureOpen();
    if (brokenBy != null) {
      throw new BrokenResourceException(brokenText + brokenBy.getMessage(), brokenBy);
    }
  }

  @Override
  public final void exit() {
    takeBack();
    turn.exit();
  }

  /** Nobody waits for the thread: it may be in a call for as long as others like. */
  @Override
  public final void close() {
    synchronized (this) {
      closed = true;
    }
    takeBack();
    released.open();
    news();
  }

  @Override
  public final Latch released() {
    return released;
  }
}
