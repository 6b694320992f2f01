package dev.tercet.blocking;

import dev.tercet.BrokenResourceException;
import dev.tercet.internal.buffer.ReceiveBuffer;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A receiving stream that can also receive an exact number of bytes, up to a delimiter, or a line
 * (spec IO-B1). To do so it receives ahead. Bytes received ahead can be {@linkplain #takeBuffered
 * taken over}, before a TLS handshake for instance.
 *
 * <p>Nothing is lost when an operation ends early. After an interrupt, an expired scope or a limit
 * that was too low, the bytes are kept. The next operation starts with them (spec IO-B2).
 *
 * <p>Blocking; the suspending twin is {@code dev.tercet.coroutines.BufferedReceiveStream}.
 *
 * <p><i>Thread-safety:</i> one operation at a time; a second one gets {@link
 * dev.tercet.BusyResourceException}.
 */
public final class BufferedReceiveStream implements ReceiveStream {
  private final ReceiveStream receiveStream;
  private final ReceiveBuffer buffer = new ReceiveBuffer(false);
  private final Driver driver;

  private BufferedReceiveStream(ReceiveStream receiveStream) {
    this.receiveStream = Objects.requireNonNull(receiveStream, "receiveStream");
    this.driver = Driver.receiving(receiveStream);
  }

  /**
   * Buffers a stream, which it owns from now on.
   *
   * @param receiveStream where the bytes come from
   * @return the buffered stream; nothing has been received yet
   */
  public static BufferedReceiveStream wrap(ReceiveStream receiveStream) {
    return new BufferedReceiveStream(receiveStream);
  }

  /**
   * The stream below. Bytes that were {@linkplain #buffered received ahead} are not in it any more.
   *
   * @return the object that was wrapped
   */
  public ReceiveStream receiveStream() {
    return receiveStream;
  }

  /**
   * Receives an exact number of bytes.
   *
   * <p><i>Errors:</i> {@link BrokenResourceException} when the stream ends before; else as {@link
   * #receiveSome(ByteBuffer)}.
   *
   * <p><i>Interruption:</i> no effect: the bytes are kept, the next operation starts with them
   * (spec IO-B2).
   *
   * <p><i>Thread-safety:</i> one receiver at a time.
   *
   * @param count how many bytes, 0 or more
   * @return that many bytes
   * @throws IllegalArgumentException when {@code count} is negative
   * @throws IOException when there are not so many
   * @throws InterruptedException when interrupted before or while waiting
   */
  public byte[] receiveExactly(int count) throws IOException, InterruptedException {
    buffer.begin();
    try {
      buffer.wantExactly(count);
      receive();
      return buffer.item();
    } finally {
      buffer.end();
    }
  }

  /**
   * Receives up to a delimiter. The delimiter is received too, but is not in the result.
   *
   * <p><i>Errors:</i> {@link dev.tercet.TooLongException} when the delimiter does not begin within
   * the limit, and {@link BrokenResourceException} when the stream ends before it: both keep the
   * bytes; else as {@link #receiveSome(ByteBuffer)}.
   *
   * <p><i>Interruption:</i> no effect: the bytes are kept, the next operation starts with them
   * (spec IO-B2).
   *
   * <p><i>Thread-safety:</i> one receiver at a time.
   *
   * @param delimiter at least one byte; not retained
   * @param maxBytes how many bytes there may be before the delimiter, 0 or more
   * @return the bytes before the delimiter, maybe none
   * @throws IllegalArgumentException when the delimiter is empty or {@code maxBytes} negative
   * @throws IOException when there is no delimiter
   * @throws InterruptedException when interrupted before or while waiting
   */
  public byte[] receiveUntil(byte[] delimiter, int maxBytes)
      throws IOException, InterruptedException {
    buffer.begin();
    try {
      buffer.wantUntil(delimiter, maxBytes);
      receive();
      return buffer.item();
    } finally {
      buffer.end();
    }
  }

  /**
   * Receives a line of UTF-8 text. A line ends with a line feed; that, and a carriage return before
   * it, is received too, but is not in the result. Bytes that are no UTF-8 become the replacement
   * character U+FFFD.
   *
   * <p><i>Errors:</i> {@link dev.tercet.TooLongException} when the line is longer than the limit,
   * and {@link BrokenResourceException} when the stream ends inside a line: both keep the bytes;
   * else as {@link #receiveSome(ByteBuffer)}.
   *
   * <p><i>Interruption:</i> no effect: the bytes are kept, the next operation starts with them
   * (spec IO-B2).
   *
   * <p><i>Thread-safety:</i> one receiver at a time.
   *
   * @param maxBytes how many bytes the line may have without its end, 0 or more
   * @return the line without its end, maybe empty; null at EOF
   * @throws IllegalArgumentException when {@code maxBytes} is negative
   * @throws IOException when there is no whole line
   * @throws InterruptedException when interrupted before or while waiting
   */
  public @Nullable String receiveLine(int maxBytes) throws IOException, InterruptedException {
    buffer.begin();
    try {
      buffer.wantLine(maxBytes, false);
      receive();
      return buffer.line();
    } finally {
      buffer.end();
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>A call that returns bytes received ahead returns only those.
   */
  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    if (!into.hasRemaining()) {
      throw new IllegalArgumentException("there is no room to receive into");
    }
    buffer.begin();
    try {
      checkpoint();
      return buffer.hasSome() ? buffer.takeSome(into) : receiveStream.receiveSome(into);
    } finally {
      buffer.end();
    }
  }

  @Override
  public byte[] receiveSome(int maxBytes) throws IOException, InterruptedException {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes must be at least 1, not " + maxBytes);
    }
    buffer.begin();
    try {
      checkpoint();
      return buffer.hasSome() ? buffer.takeSome(maxBytes) : receiveStream.receiveSome(maxBytes);
    } finally {
      buffer.end();
    }
  }

  /**
   * How many bytes have been received ahead.
   *
   * <p><i>Errors:</i> {@link dev.tercet.BusyResourceException} while another thread is receiving.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> excludes receiving.
   *
   * @return 0 or more
   */
  public int buffered() {
    buffer.begin();
    try {
      return buffer.size();
    } finally {
      buffer.end();
    }
  }

  /**
   * Takes the bytes received ahead, to continue with the {@linkplain #receiveStream stream below}.
   *
   * <p><i>Errors:</i> {@link dev.tercet.BusyResourceException} while another thread is receiving.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> excludes receiving.
   *
   * @return the bytes, maybe none
   */
  public byte[] takeBuffered() {
    buffer.begin();
    try {
      return buffer.takeSome(Integer.MAX_VALUE);
    } finally {
      buffer.end();
    }
  }

  /** Closes the stream below; bytes received ahead are discarded (spec IO-R6). */
  @Override
  public void close() throws IOException {
    buffer.close();
    receiveStream.close();
  }

  @Override
  public void closeForcefully() {
    buffer.close();
    receiveStream.closeForcefully();
  }

  @Override
  public String toString() {
    return "BufferedReceiveStream(" + receiveStream + ")";
  }

  private void receive() throws IOException, InterruptedException {
    checkpoint();
    driver.run(buffer);
  }

  private void checkpoint() throws IOException, InterruptedException {
    Parking.checkpoint();
    buffer.ensureOpen();
  }
}
