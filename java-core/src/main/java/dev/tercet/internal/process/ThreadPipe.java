package dev.tercet.internal.process;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.ResourceException;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.thread.LibraryThreads;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.internal.wait.Waiter;
import dev.tercet.internal.wait.Waking;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * An end of a pipe that blocks, on a daemon thread of its own: for systems that have no name for
 * the pipes of a process, see {@link PipePath}.
 *
 * <p><b>The problem.</b> A thread that reads a pipe of a child hears neither of an interrupt nor of
 * a close; it is blocked until the last process that holds the other end has ended.
 *
 * <p><b>The strategy.</b> Only this thread touches the JDK's stream. It hands over one chunk at a
 * time: who receives takes bytes out of it, who sends puts bytes into it, and both wait in memory,
 * where they can be cancelled. A close leaves a blocked thread behind; it ends when the pipe does.
 * A platform thread, since a virtual one would hold a carrier.
 */
abstract class ThreadPipe implements PipeEnd, WaitPlace, Runnable {
  private static final int CHUNK_BYTES = 8192;

  /** Guarded by this. Its bytes: received and not taken, or to be sent and not written. */
  final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).limit(0);

  /** Guarded by this. */
  boolean closed;

  /** Guarded by this. */
  @Nullable IOException brokenBy;

  /** Guarded by this. */
  private @Nullable Waiter waiter;

  private final Closeable stream;
  private final Exclusive turn;
  private final Latch released = new Latch();

  private ThreadPipe(Closeable stream, String turn) {
    this.stream = stream;
    this.turn = new Exclusive(turn);
  }

  static PipeSource source(InputStream stream) {
    return started(new Source(stream), "tercet-pipe-from-child");
  }

  static PipeSink sink(OutputStream stream) {
    return started(new Sink(stream), "tercet-pipe-to-child");
  }

  private static <T extends ThreadPipe> T started(T pipe, String name) {
    LibraryThreads.make(name, pipe).start();
    return pipe;
  }

  /** Moves bytes until the end, or until closed. */
  abstract void move() throws IOException, InterruptedException;

  /** Whether whoever waits has something to do. Guarded by this. */
  abstract boolean isReady();

  @Override
  public final void run() {
    try {
      move();
    } catch (IOException e) {
      fail(e);
    } catch (Throwable e) {
      fail(new IOException("the thread of a pipe has ended", e));
    } finally {
      PipePath.closeQuietly(stream);
    }
  }

  private void fail(IOException e) {
    synchronized (this) {
      brokenBy = e;
    }
    news();
  }

  /** Something has changed. Not to be called with the monitor held. */
  final void news() {
    Waiter due;
    synchronized (this) {
      notifyAll();
      due = waiter;
      if (due == null || !(closed || brokenBy != null || isReady())) {
        return;
      }
      waiter = null;
    }
    Waking.wake(due);
  }

  @Override
  public final void install(Waiter waiter) {
    synchronized (this) {
      if (!closed && brokenBy == null && !isReady()) {
        this.waiter = waiter;
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
      throw new ClosedResourceException("this pipe was closed");
    }
  }

  /** Nobody waits for the thread: it may be blocked for as long as the child lives. */
  @Override
  public final void close() {
    synchronized (this) {
      closed = true;
    }
    released.open();
    news();
  }

  @Override
  public final Latch released() {
    return released;
  }

  /** Guarded by this. */
  final void ensureUsable() throws ResourceException {
    ensureOpen();
    if (brokenBy != null) {
      throw new BrokenResourceException(
          "pipe to a child process broken: " + brokenBy.getMessage(), brokenBy);
    }
  }

  private static final class Source extends ThreadPipe implements PipeSource {
    private final InputStream input;

    /** Guarded by this. */
    private boolean ended;

    Source(InputStream input) {
      super(input, "another task is receiving");
      this.input = input;
    }

    @Override
    void move() throws IOException, InterruptedException {
      byte[] bytes = new byte[CHUNK_BYTES];
      int n = 0;
      while (n >= 0) {
        n = input.read(bytes);
        synchronized (this) {
          while (!closed && chunk.hasRemaining()) {
            wait();
          }
          if (closed) {
            return;
          }
          ended = n < 0;
          chunk.clear().put(bytes, 0, Math.max(n, 0)).flip();
        }
        news();
      }
    }

    @Override
    boolean isReady() {
      return ended || chunk.hasRemaining();
    }

    @Override
    public int receive(ByteBuffer into) throws ResourceException {
      int n;
      synchronized (this) {
        ensureOpen();
        n = Math.min(into.remaining(), chunk.remaining());
        if (n == 0) {
          ensureUsable();
          return ended ? -1 : 0;
        }
        into.put(into.position(), chunk, chunk.position(), n);
        into.position(into.position() + n);
        chunk.position(chunk.position() + n);
      }
      news();
      return n;
    }

    @Override
    public String toString() {
      return "pipe from a child process" + (isClosed() ? ", closed" : "");
    }
  }

  private static final class Sink extends ThreadPipe implements PipeSink {
    private final OutputStream output;

    Sink(OutputStream output) {
      super(output, "another task is sending");
      this.output = output;
    }

    /** A close comes after what was sent before it. */
    @Override
    void move() throws IOException, InterruptedException {
      byte[] bytes = new byte[CHUNK_BYTES];
      while (true) {
        int n;
        synchronized (this) {
          while (!closed && !chunk.hasRemaining()) {
            wait();
          }
          n = chunk.remaining();
          if (n == 0) {
            return;
          }
          chunk.get(bytes, 0, n);
        }
        output.write(bytes, 0, n);
        output.flush();
        news();
      }
    }

    @Override
    boolean isReady() {
      return !chunk.hasRemaining();
    }

    @Override
    public int send(ByteBuffer data) throws ResourceException {
      int n;
      synchronized (this) {
        ensureUsable();
        if (chunk.hasRemaining()) {
          return 0;
        }
        n = Math.min(data.remaining(), CHUNK_BYTES);
        chunk.clear();
        chunk.put(0, data, data.position(), n).limit(n);
        data.position(data.position() + n);
      }
      news();
      return n;
    }

    @Override
    public synchronized void ensureCanSend() throws ResourceException {
      ensureUsable();
    }

    @Override
    public String toString() {
      return "pipe to a child process" + (isClosed() ? ", closed" : "");
    }
  }
}
