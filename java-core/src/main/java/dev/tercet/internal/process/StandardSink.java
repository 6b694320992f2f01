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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * The standard output of this program, or its standard error.
 *
 * <p><b>The problem.</b> A write blocks a thread while the reader of the pipe is slow, or somebody
 * has stopped the terminal; and a program that ends loses what a thread of the library still has.
 *
 * <p><b>The strategy.</b> A daemon thread writes one chunk at a time. Its bytes count as sent when
 * the system has them: {@link #send} says "wait" until then, and takes them out of the caller's
 * buffer when it is asked again. Who is cancelled takes the write back by closing the channel, see
 * {@link StandardFile}.
 *
 * <p><i>Thread-safety:</i> as {@link PipeEnd}.
 */
final class StandardSink implements PipeSink, WaitPlace, Runnable {
  private static final int CHUNK_BYTES = 8192;

  private enum State {
    /** There is nothing to do. */
    IDLE,
    /** The chunk is to be written, or being written. */
    WRITING,
    /** The chunk is out, and whoever waits has not looked yet. */
    WRITTEN,
    /** Whoever waited was cancelled. */
    REVOKED
  }

  private final StandardFile file;
  private final Exclusive turn = new Exclusive("another task is sending");
  private final Latch released = new Latch();

  /** Guarded by this, but while it is being written. */
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);

  /** Guarded by this. */
  private State state = State.IDLE;

  /** Guarded by this. */
  private int chunkBytes;

  /** Guarded by this. */
  private @Nullable Waiter waiter;

  /** Guarded by this. The channel of the write that is going on. */
  private @Nullable WritableByteChannel writing;

  /** Guarded by this. */
  private boolean started;

  /** Guarded by this. */
  private boolean closed;

  /** Guarded by this. */
  private @Nullable IOException brokenBy;

  StandardSink(StandardFile file) {
    this.file = file;
  }

  @Override
  public synchronized int send(ByteBuffer data) throws ResourceException {
    ensureCanSend();
    if (state == State.WRITTEN) {
      state = State.IDLE;
      data.position(data.position() + chunkBytes);
      return chunkBytes;
    }
    if (state == State.IDLE && data.hasRemaining()) {
      if (!started) {
        LibraryThreads.make("tercet-" + file.toString().replace(' ', '-'), this).start();
        started = true;
      }
      chunkBytes = Math.min(data.remaining(), CHUNK_BYTES);
      chunk.clear().put(0, data, data.position(), chunkBytes).limit(chunkBytes);
      state = State.WRITING;
      notifyAll();
    }
    return 0;
  }

  @Override
  public synchronized void ensureCanSend() throws ResourceException {
    ensureOpen();
    if (brokenBy != null) {
      throw new BrokenResourceException(file + ": " + brokenBy.getMessage(), brokenBy);
    }
  }

  @Override
  public void install(Waiter waiter) {
    synchronized (this) {
      if (!isReady()) {
        this.waiter = waiter;
        return;
      }
    }
    waiter.wake();
  }

  @Override
  public boolean uninstall(Waiter waiter) {
    WritableByteChannel revoked;
    synchronized (this) {
      if (this.waiter != waiter) {
        return false;
      }
      this.waiter = null;
      if (state == State.WRITING) {
        state = State.REVOKED;
      }
      revoked = writing;
    }
    if (revoked != null) {
      file.close(revoked);
    }
    return true;
  }

  /** Guarded by this. */
  private boolean isReady() {
    return state == State.IDLE || state == State.WRITTEN || closed || brokenBy != null;
  }

  @Override
  public void run() {
    try {
      while (!isClosed()) {
        WritableByteChannel channel = file.openToWrite();
        while (channel.isOpen() && awaitDemand(channel)) {
          write(channel);
        }
        file.close(channel);
      }
    } catch (Throwable e) {
      fail(e instanceof IOException io ? io : new IOException("the thread has ended", e));
    }
  }

  /** Returns false when closed. */
  private synchronized boolean awaitDemand(WritableByteChannel channel)
      throws InterruptedException {
    while (!closed && state != State.WRITING && state != State.REVOKED) {
      wait();
    }
    writing = closed ? null : channel;
    return !closed;
  }

  private void write(WritableByteChannel channel) throws IOException {
    try {
      while (chunk.hasRemaining() && !isRevoked()) {
        channel.write(chunk);
      }
    } catch (ClosedChannelException e) {
      // Taken back.
    } finally {
      done();
    }
  }

  private synchronized boolean isRevoked() {
    return state == State.REVOKED;
  }

  private void done() {
    Waiter due;
    synchronized (this) {
      writing = null;
      state = state == State.REVOKED ? State.IDLE : State.WRITTEN;
      due = waiter;
      waiter = null;
    }
    if (due != null) {
      Waking.wake(due);
    }
  }

  private void fail(IOException e) {
    Waiter due;
    synchronized (this) {
      brokenBy = e;
      due = waiter;
      waiter = null;
    }
    if (due != null) {
      Waking.wake(due);
    }
  }

  @Override
  public Exclusive turn() {
    return turn;
  }

  @Override
  public WaitPlace place() {
    return this;
  }

  @Override
  public @Nullable SelectorLoop loop() {
    return null;
  }

  @Override
  public synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public synchronized void ensureOpen() throws ClosedResourceException {
    if (closed) {
      throw new ClosedResourceException("the stream of " + file + " was closed");
    }
  }

  /** Ends the stream, not the descriptor, which the program may use in other ways. */
  @Override
  public void close() {
    Waiter due;
    WritableByteChannel revoked;
    synchronized (this) {
      closed = true;
      due = waiter;
      waiter = null;
      revoked = writing;
      notifyAll();
    }
    if (revoked != null) {
      file.close(revoked);
    }
    released.open();
    if (due != null) {
      Waking.wake(due);
    }
  }

  @Override
  public Latch released() {
    return released;
  }

  @Override
  public String toString() {
    return file + (isClosed() ? ", closed" : "");
  }
}
