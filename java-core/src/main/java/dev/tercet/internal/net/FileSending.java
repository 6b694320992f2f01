package dev.tercet.internal.net;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A file on its way to a stream: what {@code sendFile} has to do, without the waiting, once for
 * both languages.
 *
 * <p><b>The problem.</b> {@link java.nio.channels.FileChannel#transferTo} moves bytes from the page
 * cache to a socket without a copy. It also blocks while the disk works, so it does not belong on
 * an event loop. It closes both channels when its thread is interrupted, so it does not belong on a
 * thread of a user's. It returns 0 when the socket has no room and when the file has ended. And it
 * takes a file that says that it has no bytes, as those in /proc do, at its word.
 *
 * <p><b>The strategy.</b> The driver calls {@link #transferSome} on a thread where it may block and
 * nobody interrupts. A call moves a bounded number of bytes, and never waits for the peer. What it
 * returns says whether the driver must wait for room. At the size that the file has, one read of
 * the file decides whether it has ended; if not, what was read is copied.
 *
 * <p>Streams that are no sockets get the file by {@link #readSome}, block by block, in one buffer.
 *
 * <p><i>Thread-safety:</i> one call at a time.
 */
public final class FileSending {
  /** What the driver does next. */
  public enum Next {
    /** Look for a cancel, then call again. */
    MORE,

    /** Wait until the socket has room, then call again. */
    WAIT,

    /** Nothing: it is sent. */
    DONE
  }

  /** To the end of the file. */
  public static final long TO_THE_END = -1;

  /** What one call moves at most: a cancel is noticed after so many bytes. */
  private static final long BYTES_PER_CALL = 4 << 20;

  /** What the system moves at most at a time. */
  private static final long SLICE_BYTES = 1 << 20;

  /** The trip to another thread, which each block makes, should not count. */
  private static final int BLOCK_BYTES = 128 * 1024;

  private final FileSource file;
  private final long offset;
  private final long count;
  private long sent;
  private ByteBuffer block = ByteBuffer.allocate(0);

  /**
   * Begins.
   *
   * @param file what to send
   * @param offset where to begin, 0 or more
   * @param count how many bytes, 0 or more, or {@link #TO_THE_END}
   */
  public FileSending(FileSource file, long offset, long count) {
    requireRange(offset, count == TO_THE_END ? 0 : count);
    this.file = file;
    this.offset = offset;
    this.count = count;
  }

  /**
   * Checks the arguments of a user.
   *
   * @throws IllegalArgumentException when one is negative, or both together are too large
   */
  public static void requireRange(long offset, long count) {
    if (offset < 0) {
      throw new IllegalArgumentException("offset must be at least 0, not " + offset);
    }
    if (count < 0) {
      throw new IllegalArgumentException("count must be at least 0, not " + count);
    }
    if (offset + count < 0) {
      throw new IllegalArgumentException("offset + count is too large: " + offset + " + " + count);
    }
  }

  /** How many bytes were sent. */
  public long sent() {
    return sent;
  }

  /**
   * Moves bytes until the socket has no room, a bounded number at most. The caller holds {@code
   * sending} of the socket.
   *
   * @throws dev.tercet.ResourceException when the stream is broken or closed
   * @throws EOFException when the file has ended before the count was reached
   * @throws IOException when the file cannot be read; the stream is as good as before
   */
  public Next transferSome(StreamCore to) throws IOException {
    to.ensureCanSendData();
    long before = sent;
    while (sent - before < BYTES_PER_CALL) {
      long left = left();
      if (left == 0) {
        return Next.DONE;
      }
      long n = to.transferFrom(file, offset + sent, Math.min(left, SLICE_BYTES));
      if (n == 0) {
        return Next.WAIT;
      }
      if (n < 0) {
        requireWhole();
        return Next.DONE;
      }
      sent += n;
    }
    return Next.MORE;
  }

  /**
   * Reads the next block, which counts as sent.
   *
   * @return {@link Next#MORE} when {@link #block} is to be sent, {@link Next#DONE} when all was
   *     read
   * @throws EOFException when the file has ended before the count was reached
   * @throws IOException when the file cannot be read
   */
  public Next readSome() throws IOException {
    long left = left();
    if (left == 0) {
      return Next.DONE;
    }
    if (block.capacity() == 0) {
      block = ByteBuffer.allocate((int) Math.min(left, BLOCK_BYTES));
    }
    block.clear().limit((int) Math.min(left, block.capacity()));
    if (file.read(block, offset + sent) < 0) {
      requireWhole();
      return Next.DONE;
    }
    sent += block.position();
    block.flip();
    return Next.MORE;
  }

  /**
   * What was read.
   *
   * @return the same buffer each time
   */
  public ByteBuffer block() {
    return block;
  }

  private long left() {
    return count == TO_THE_END ? Long.MAX_VALUE - offset - sent : count - sent;
  }

  private void requireWhole() throws EOFException {
    if (count != TO_THE_END) {
      throw new EOFException(
          file + " has ended after " + sent + " of " + count + " bytes from " + offset);
    }
  }
}
