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
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/**
 * The standard input of this program.
 *
 * <p><b>The problem.</b> A read of it blocks a thread, which no interrupt wakes. A program that
 * asks a question with a time limit cannot take the question back; and a thread that reads ahead
 * takes what a child was to read, or the program's own next question.
 *
 * <p><b>The strategy.</b> A daemon thread reads, and only while somebody waits. Who is cancelled
 * takes the read back by closing the channel, see {@link StandardFile}: that wakes the thread
 * within milliseconds, and no byte is lost. What it may have read in the same moment is kept for
 * the next who asks. Where the channel cannot be opened again, the thread stays in its read, and
 * the next who asks gets what it brings.
 *
 * <p><i>Thread-safety:</i> as {@link PipeEnd}.
 */
final class StandardSource implements PipeSource, WaitPlace, Runnable {
  private static final int CHUNK_BYTES = 8192;

  private final StandardFile file;
  private final Exclusive turn = new Exclusive("another task is receiving");
  private final Latch released = new Latch();

  /** Guarded by this. What was read and not taken. */
  private final ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES).limit(0);

  /** Guarded by this. How many bytes whoever waits has room for. */
  private int wanted;

  /** Guarded by this. */
  private @Nullable Waiter waiter;

  /** Guarded by this. The channel of the read that is going on. */
  private @Nullable ReadableByteChannel reading;

  /** Guarded by this. */
  private boolean started;

  /** Guarded by this. */
  private boolean ended;

  /** Guarded by this. */
  private boolean closed;

  /** Guarded by this. */
  private @Nullable IOException brokenBy;

  StandardSource(StandardFile file) {
    this.file = file;
  }

  @Override
  public synchronized int receive(ByteBuffer into) throws ResourceException {
    ensureOpen();
    int n = Math.min(into.remaining(), chunk.remaining());
    if (n > 0) {
      into.put(into.position(), chunk, chunk.position(), n);
      into.position(into.position() + n);
      chunk.position(chunk.position() + n);
      return n;
    }
    if (brokenBy != null) {
      throw new BrokenResourceException("standard input: " + brokenBy.getMessage(), brokenBy);
    }
    wanted = Math.min(into.remaining(), CHUNK_BYTES);
    return ended ? -1 : 0;
  }

  @Override
  public void install(Waiter waiter) {
    synchronized (this) {
      if (!isReady()) {
        if (!started) {
          LibraryThreads.make("tercet-" + file.toString().replace(' ', '-'), this).start();
          started = true;
        }
        this.waiter = waiter;
        notifyAll();
        return;
      }
    }
    waiter.wake();
  }

  @Override
  public boolean uninstall(Waiter waiter) {
    ReadableByteChannel revoked;
    synchronized (this) {
      if (this.waiter != waiter) {
        return false;
      }
      this.waiter = null;
      revoked = reading;
    }
    if (revoked != null) {
      file.close(revoked);
    }
    return true;
  }

  /** Guarded by this. */
  private boolean isReady() {
    return chunk.hasRemaining() || ended || closed || brokenBy != null;
  }

  @Override
  public void run() {
    ByteBuffer into = ByteBuffer.allocate(CHUNK_BYTES);
    try {
      while (!isClosed()) {
        ReadableByteChannel channel = file.openToRead();
        while (channel.isOpen() && awaitDemand(channel, into.clear())) {
          read(channel, into);
        }
        file.close(channel);
      }
    } catch (Throwable e) {
      end(e instanceof IOException io ? io : new IOException("the thread has ended", e));
    }
  }

  /** Limits the buffer to what is wanted; returns false when closed. */
  private synchronized boolean awaitDemand(ReadableByteChannel channel, ByteBuffer into)
      throws InterruptedException {
    while (!closed && (waiter == null || isReady())) {
      wait();
    }
    reading = closed ? null : channel;
    into.limit(wanted);
    return !closed;
  }

  /** Reads once. A read that was taken back brings nothing. */
  private void read(ReadableByteChannel channel, ByteBuffer into) throws IOException {
    int n = 0;
    try {
      n = channel.read(into);
    } catch (ClosedChannelException e) {
      // Taken back.
    } finally {
      synchronized (this) {
        reading = null;
      }
    }
    Waiter due;
    synchronized (this) {
      ended = n < 0;
      if (n > 0) {
        chunk.clear().put(into.flip()).flip();
      }
      if (!isReady()) {
        return;
      }
      due = waiter;
      waiter = null;
    }
    if (due != null) {
      Waking.wake(due);
    }
  }

  private void end(IOException e) {
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
      throw new ClosedResourceException("the stream of standard input was closed");
    }
  }

  /** Ends the stream, not the descriptor, which the program may use in other ways. */
  @Override
  public void close() {
    Waiter due;
    ReadableByteChannel revoked;
    synchronized (this) {
      closed = true;
      due = waiter;
      waiter = null;
      revoked = reading;
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
    return "standard input" + (isClosed() ? ", closed" : "");
  }
}
