package dev.tercet.blocking;

import dev.tercet.Resource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The receiving half of a byte stream. Blocking; the suspending twin is {@code
 * dev.tercet.coroutines.ReceiveStream}.
 */
public interface ReceiveStream extends Resource {
  /** The size of {@link #receiveSome()}: 65,536 bytes. */
  int DEFAULT_RECEIVE_BYTES = 65_536;

  /**
   * Receives at least one byte, as soon as there is any; does not wait to fill the buffer (spec
   * IO-R1). At EOF the result is -1, for every later call too (spec IO-R2).
   *
   * <p><i>Errors:</i> {@link dev.tercet.BrokenResourceException} when the peer or the network broke
   * the connection, after all bytes that had arrived; {@link dev.tercet.ClosedResourceException}
   * when this side was closed before or during the call; {@link dev.tercet.BusyResourceException}
   * when another thread is receiving; {@link IllegalArgumentException} for a full buffer, even on a
   * closed stream (spec IO-R3).
   *
   * <p><i>Interruption:</i> no effect: no byte is lost, the next call gets them.
   *
   * <p><i>Thread-safety:</i> one receiver at a time; sending concurrently is fine.
   *
   * @param into the buffer for the bytes; its position is advanced by their number, unspecified
   *     after an exception. Not retained
   * @return how many bytes, at least 1, or -1 at EOF
   * @throws IOException when the stream is broken or closed
   * @throws InterruptedException when interrupted before or while waiting
   */
  int receiveSome(ByteBuffer into) throws IOException, InterruptedException;

  /**
   * Receives up to 65,536 bytes; see {@link #receiveSome(int)}.
   *
   * @return at least one byte, or an empty array at EOF
   * @throws IOException when the stream is broken or closed
   * @throws InterruptedException when interrupted before or while waiting
   */
  default byte[] receiveSome() throws IOException, InterruptedException {
    return receiveSome(DEFAULT_RECEIVE_BYTES);
  }

  /**
   * Receives some bytes into a fresh array; otherwise as {@link #receiveSome(ByteBuffer)}.
   *
   * @param maxBytes how many at most, 1 or more
   * @return 1 to {@code maxBytes} bytes, or an empty array at EOF
   * @throws IllegalArgumentException when {@code maxBytes} is below 1
   * @throws IOException when the stream is broken or closed
   * @throws InterruptedException when interrupted before or while waiting
   */
  default byte[] receiveSome(int maxBytes) throws IOException, InterruptedException {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes must be at least 1, not " + maxBytes);
    }
    byte[] bytes = new byte[Math.min(maxBytes, DEFAULT_RECEIVE_BYTES)];
    int n = receiveSome(ByteBuffer.wrap(bytes));
    return n == bytes.length ? bytes : Arrays.copyOf(bytes, Math.max(n, 0));
  }

  /**
   * This stream as the JDK's type: each read is a {@link #receiveSome}, closing it closes this
   * stream. Its {@code available} is 1 when a socket below is readable or a TLS stream has received
   * something. For a buffered stream it is the number of buffered bytes. Otherwise it is 0 for
   * unknown (spec IO-R7).
   *
   * <p><i>Errors:</i> of its methods, as of this stream's.
   *
   * <p><i>Interruption:</i> an interrupt, and the expiry of a cancel scope, become {@link
   * java.io.InterruptedIOException}; the interrupt flag is kept, and no byte is lost.
   *
   * <p><i>Thread-safety:</i> as this stream.
   *
   * @return a view of this stream
   */
  default InputStream asInputStream() {
    return new ReceiveStreamInput(this);
  }

  /**
   * The JDK's type as a stream.
   *
   * <p><i>Errors:</i> what the input stream throws is the cause of a {@link
   * dev.tercet.BrokenResourceException}, or, after a close of this side, a {@link
   * dev.tercet.ClosedResourceException}.
   *
   * <p><i>Interruption:</i> ends a blocked read only if the input stream supports it; most reads
   * continue, and the next call throws.
   *
   * <p><i>Thread-safety:</i> one receiver at a time; any thread may close, with the effect of the
   * input stream's {@code close} on a blocked read.
   *
   * @param input owned by the result from now on
   * @return the stream
   */
  static ReceiveStream from(InputStream input) {
    return new InputReceiveStream(input);
  }

  /**
   * A file that is read, from its beginning to its end. What is written to it after its end was
   * received is not received any more.
   *
   * <p><i>Errors:</i> those of {@link Files#newInputStream}. A read that fails later is the cause
   * of a {@link dev.tercet.BrokenResourceException}.
   *
   * <p><i>Interruption:</i> a read goes on to its end, the file stays open, and the next call
   * throws (spec FILE-D20). A read of a FIFO or a terminal waits for input; closing the stream from
   * another thread ends it.
   *
   * <p><i>Thread-safety:</i> one receiver at a time.
   *
   * @param file on any file system
   * @return to be closed
   * @throws IOException when it cannot be opened
   */
  static ReceiveStream ofFile(Path file) throws IOException {
    return new InputReceiveStream(Files.newInputStream(file), file.toString());
  }
}
