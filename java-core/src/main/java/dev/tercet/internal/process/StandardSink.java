package dev.tercet.internal.process;

import dev.tercet.ResourceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The standard output of this program, or its standard error.
 *
 * <p><b>The problem.</b> A write blocks a thread while the reader of the pipe is slow, or somebody
 * has stopped the terminal; and a program that ends loses what a thread of the library still has.
 *
 * <p><b>The strategy.</b> The bytes of a chunk count as sent when the system has them: {@link
 * #send} says "wait" until then, and takes them out of the caller's buffer when it is asked again.
 *
 * <p><i>Thread-safety:</i> as {@link PipeEnd}.
 */
final class StandardSink extends StandardPipe implements PipeSink {
  private enum State {
    /** There is nothing to do. */
    IDLE,
    /** The chunk is to be written, or being written. */
    WRITING,
    /** The chunk is out, and whoever waits has not looked yet. */
    WRITTEN,
    /** Whoever wanted it has left. */
    REVOKED
  }

  /** Guarded by this. The chunk is the thread's while it is WRITING or REVOKED. */
  private State state = State.IDLE;

  /** Guarded by this. */
  private int chunkBytes;

  StandardSink(StandardFile file) {
    super(file, "another task is sending");
  }

  @Override
  public synchronized int send(ByteBuffer data) throws ResourceException {
    ensureUsable();
    if (state == State.WRITTEN) {
      state = State.IDLE;
      data.position(data.position() + chunkBytes);
      return chunkBytes;
    }
    if (state == State.IDLE && data.hasRemaining()) {
      startOnce();
      chunkBytes = fill(data);
      state = State.WRITING;
      notifyAll();
    }
    return 0;
  }

  @Override
  public void ensureCanSend() throws ResourceException {
    ensureUsable();
  }

  @Override
  boolean isReady() {
    return state == State.IDLE || state == State.WRITTEN;
  }

  @Override
  FileChannel open() throws IOException {
    return file.openToWrite();
  }

  @Override
  boolean isWanted() {
    return !isReady();
  }

  @Override
  void call(FileChannel channel) throws IOException {
    while (chunk.hasRemaining() && !isRevoked()) {
      channel.write(chunk);
    }
  }

  private synchronized boolean isRevoked() {
    return state == State.REVOKED;
  }

  @Override
  void onEnded() {
    state = state == State.REVOKED ? State.IDLE : State.WRITTEN;
  }

  @Override
  void takeBack() {
    synchronized (this) {
      if (state == State.WRITING) {
        state = State.REVOKED;
      } else if (state == State.WRITTEN) {
        // Whoever sends next has other bytes.
        state = State.IDLE;
      }
    }
    super.takeBack();
  }
}
