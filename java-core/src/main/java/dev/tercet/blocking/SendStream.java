package dev.tercet.blocking;

import dev.tercet.Resource;
import dev.tercet.internal.net.FileSending;
import dev.tercet.internal.text.TextLine;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/**
 * The sending half of a byte stream. Blocking; the suspending twin is {@code
 * dev.tercet.coroutines.SendStream}.
 *
 * <p>{@link #sendAll} and {@link #waitSendAllMightNotBlock} exclude each other: the second caller
 * gets {@link dev.tercet.BusyResourceException} (spec IO-S3). To share a stream between senders,
 * protect it with a lock.
 */
public interface SendStream extends Resource {
  /**
   * Sends all remaining bytes. Returns when the layer below has taken them, which does not mean
   * that the peer has. Empty data sends nothing, but fails on a closed stream (spec IO-S1, IO-S2).
   *
   * <p><i>Errors:</i> {@link dev.tercet.BrokenResourceException} when the peer or the network is
   * gone, now or at an earlier call; {@link dev.tercet.ClosedResourceException} when this side was
   * closed before or during the call; {@link dev.tercet.BusyResourceException} when another thread
   * is sending or waiting to.
   *
   * <p><i>Interruption:</i> an unknown part of the data has been sent; the stream is open, and
   * usable only for closing (spec IO-S8).
   *
   * <p><i>Thread-safety:</i> one sender at a time; receiving concurrently is fine.
   *
   * @param data any buffer, read-only and direct ones too; its position is at its limit afterwards,
   *     unspecified after an exception. Not retained
   * @throws IOException when not everything could be sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  void sendAll(ByteBuffer data) throws IOException, InterruptedException;

  /**
   * Sends a whole array: {@link #sendAll(ByteBuffer)} of it.
   *
   * @param data what to send; not retained
   * @throws IOException when not everything could be sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  default void sendAll(byte[] data) throws IOException, InterruptedException {
    sendAll(ByteBuffer.wrap(data));
  }

  /**
   * Sends a part of an array: {@link #sendAll(ByteBuffer)} of it.
   *
   * @param data where the bytes are; not retained
   * @param offset where they begin, 0 to {@code data.length}
   * @param length how many, 0 to {@code data.length - offset}
   * @throws IndexOutOfBoundsException when the range is not inside the array
   * @throws IOException when not everything could be sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  default void sendAll(byte[] data, int offset, int length)
      throws IOException, InterruptedException {
    sendAll(ByteBuffer.wrap(data, offset, length));
  }

  /**
   * Sends a line of UTF-8 text, followed by CR LF, as Internet protocols require (spec IO-B7). For
   * a line feed alone use {@code sendAll}.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} when the line contains a carriage return or
   * a line feed, so that foreign text cannot start a new line; else as {@link
   * #sendAll(ByteBuffer)}.
   *
   * <p><i>Interruption:</i> as {@link #sendAll(ByteBuffer)}.
   *
   * <p><i>Thread-safety:</i> as {@link #sendAll(ByteBuffer)}.
   *
   * @param line without its end
   * @throws IOException when not everything could be sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  default void sendLine(String line) throws IOException, InterruptedException {
    sendAll(TextLine.encoded(line));
  }

  /**
   * Sends a whole file; see {@link #sendFile(Path, long, long)}.
   *
   * @param file on any file system; opened and closed here
   * @return how many bytes were sent: what the file had when it was read to its end
   * @throws IOException when it cannot be opened or read, or not everything could be sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  default long sendFile(Path file) throws IOException, InterruptedException {
    return FileSends.send(
        file, 0, FileSending.TO_THE_END, sending -> FileSends.copy(this, sending));
  }

  /**
   * Sends a part of a file. To a plain socket the system transfers it without a copy, {@link
   * FileChannel#transferTo}; every other stream gets it through one buffer. No interrupt closes the
   * file or the stream.
   *
   * <p><i>Errors:</i> those of opening the file; {@link java.io.EOFException} when it ends before
   * {@code count} bytes, because it was cut meanwhile for instance: what there was has been sent;
   * an {@link IOException} when it cannot be read, and for what cannot be read at a position, a
   * FIFO for instance; {@link IllegalArgumentException} when offset or count are negative; else as
   * {@link #sendAll(ByteBuffer)}.
   *
   * <p><i>Interruption:</i> as {@link #sendAll(ByteBuffer)}; noticed after 4 MiB at the latest.
   *
   * <p><i>Thread-safety:</i> one sender at a time; receiving concurrently is fine.
   *
   * @param file on any file system; opened and closed here
   * @param offset where to begin in the file, 0 or more
   * @param count how many bytes, 0 or more
   * @return {@code count}
   * @throws IOException when it cannot be opened or read, or not everything could be sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  default long sendFile(Path file, long offset, long count)
      throws IOException, InterruptedException {
    FileSending.requireRange(offset, count);
    return FileSends.send(file, offset, count, sending -> FileSends.copy(this, sending));
  }

  /**
   * Sends a part of a file that is open; otherwise as {@link #sendFile(Path, long, long)}.
   *
   * @param file open for reading; stays open, and its position is neither used nor changed
   * @param offset where to begin in the file, 0 or more
   * @param count how many bytes, 0 or more
   * @return {@code count}
   * @throws IOException when it cannot be read, or not everything could be sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  default long sendFile(FileChannel file, long offset, long count)
      throws IOException, InterruptedException {
    FileSending.requireRange(offset, count);
    return FileSends.send(file, offset, count, sending -> FileSends.copy(this, sending));
  }

  /**
   * Waits until {@link #sendAll} might not block. A hint: it may return too early, never too late
   * (spec IO-S7). Use it to decide late what to send.
   *
   * <p><i>Errors:</i> as {@link #sendAll}; when the peer is gone it returns or throws {@link
   * dev.tercet.BrokenResourceException}.
   *
   * <p><i>Interruption:</i> no effect.
   *
   * <p><i>Thread-safety:</i> excludes {@link #sendAll} and itself.
   *
   * @throws IOException when the stream is broken or closed
   * @throws InterruptedException when interrupted before or while waiting
   */
  void waitSendAllMightNotBlock() throws IOException, InterruptedException;

  /**
   * This stream as the JDK's type: each write is a {@link #sendAll}, closing it closes this stream.
   *
   * <p><i>Errors:</i> of its methods, as of this stream's.
   *
   * <p><i>Interruption:</i> an interrupt, and the expiry of a cancel scope, become {@link
   * java.io.InterruptedIOException}; the interrupt flag is kept.
   *
   * <p><i>Thread-safety:</i> as this stream.
   *
   * @return a view of this stream
   */
  default OutputStream asOutputStream() {
    return new SendStreamOutput(this);
  }

  /**
   * The JDK's type as a stream. Each {@link #sendAll} writes and flushes.
   *
   * <p><i>Errors:</i> what the output stream throws is the cause of a {@link
   * dev.tercet.BrokenResourceException}, or, after a close of this side, a {@link
   * dev.tercet.ClosedResourceException}.
   *
   * <p><i>Interruption:</i> ends a blocked write only if the output stream supports it; most writes
   * continue, and the next call throws.
   *
   * <p><i>Thread-safety:</i> one sender at a time; any thread may close, with the effect of the
   * output stream's {@code close} on a blocked write.
   *
   * @param output owned by the result from now on
   * @return the stream
   */
  static SendStream from(OutputStream output) {
    return new OutputSendStream(output);
  }

  /**
   * A file that is written.
   *
   * <p><i>Errors:</i> those of {@link Files#newOutputStream}. A write that fails later, because the
   * disk is full for instance, is the cause of a {@link dev.tercet.BrokenResourceException}.
   *
   * <p><i>Interruption:</i> a write goes on to its end, the file stays open, and the next call
   * throws (spec FILE-D20).
   *
   * <p><i>Thread-safety:</i> one sender at a time.
   *
   * @param file on any file system
   * @param options as those of {@link Files#newOutputStream}: by default the file is made if it is
   *     not there, and what was in it is replaced
   * @return to be closed
   * @throws IOException when it cannot be opened
   */
  static SendStream ofFile(Path file, OpenOption... options) throws IOException {
    return new OutputSendStream(Files.newOutputStream(file, options), file.toString());
  }
}
