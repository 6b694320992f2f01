package dev.tercet.internal.process;

import dev.tercet.ResourceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The standard input of this program.
 *
 * <p><b>The problem.</b> A read of it blocks a thread, which no interrupt wakes. A program that
 * asks a question with a time limit cannot take the question back; and a thread that reads ahead
 * takes what a child was to read, or the program's own next question.
 *
 * <p><b>The strategy.</b> The thread reads only while somebody waits, and no more than that one has
 * room for. A read that is taken back loses no byte: what it may have read in the same moment is
 * kept for the next who asks. Where it cannot be taken back, the next who asks gets what it brings.
 *
 * <p><i>Thread-safety:</i> as {@link PipeEnd}.
 */
final class StandardSource extends StandardPipe implements PipeSource {
  /** Of the thread. */
  private final ByteBuffer into = ByteBuffer.allocate(CHUNK_BYTES);

  /** Guarded by this. How many bytes whoever waits has room for. */
  private int wanted;

  /** Guarded by this. */
  private boolean ended;

  StandardSource(StandardFile file) {
    super(file, "another task is receiving");
  }

  @Override
  public synchronized int receive(ByteBuffer into) throws ResourceException {
    ensureOpen();
    int n = take(into);
    if (n > 0) {
      return n;
    }
    ensureUsable();
    wanted = Math.min(into.remaining(), CHUNK_BYTES);
    return ended ? -1 : 0;
  }

  @Override
  boolean isReady() {
    return chunk.hasRemaining() || ended;
  }

  @Override
  void onWait() {
    startOnce();
  }

  @Override
  FileChannel open() throws IOException {
    return file.openToRead();
  }

  @Override
  boolean isWanted() {
    return hasWaiter() && !isReady();
  }

  @Override
  void call(FileChannel channel) throws IOException {
    synchronized (this) {
      into.clear().limit(wanted);
    }
    int n = channel.read(into);
    synchronized (this) {
      ended = n < 0;
      chunk.clear().put(into.flip()).flip();
    }
  }
}
