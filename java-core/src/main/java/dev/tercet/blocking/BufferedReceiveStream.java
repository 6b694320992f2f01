package dev.tercet.blocking;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.Parking;
import dev.tercet.proto.ItemBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A receiving stream that can also receive exactly so many bytes, up to a delimiter, or a line. To
 * do so it receives ahead; what it has received and nobody has asked for yet can be {@linkplain
 * #takeBuffered taken over}, before a TLS handshake for instance.
 *
 * <p>Nothing is lost when an operation ends early. After an interrupt, an expired scope or a limit
 * that was too low, the bytes are still there, and the next operation begins with them.
 *
 * <p>Blocking; the suspending twin is {@code dev.tercet.coroutines.BufferedReceiveStream}.
 *
 * <p><i>Thread-safety:</i> one operation at a time; a second one gets {@link
 * dev.tercet.BusyResourceException}.
 */
public final class BufferedReceiveStream implements ReceiveStream {
  private final ReceiveStream receiveStream;
  private final Exclusive receiving = new Exclusive("another task is receiving");

  /** Guarded by {@link #receiving}. */
  private final ItemBuffer items = new ItemBuffer();

  private volatile boolean closed;

  private BufferedReceiveStream(ReceiveStream receiveStream) {
    this.receiveStream = Objects.requireNonNull(receiveStream, "receiveStream");
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
   * @return the very object that was wrapped
   */
  public ReceiveStream receiveStream() {
    return receiveStream;
  }

  /**
   * Receives exactly so many bytes.
   *
   * <p><i>Errors:</i> {@link BrokenResourceException} when the stream ends before; else as {@link
   * #receiveSome(ByteBuffer)}.
   *
   * <p><i>Interruption:</i> no effect: the bytes are kept, the next operation begins with them.
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
    if (count < 0) {
      throw new IllegalArgumentException("count must be at least 0, not " + count);
    }
    enter();
    try {
      byte[] item = items.takeExactly(count);
      while (item == null) {
        receiveMore();
        item = items.takeExactly(count);
      }
      return item;
    } finally {
      exit();
    }
  }

  /**
   * Receives up to a delimiter. The delimiter is received too, but is not in the result.
   *
   * <p><i>Errors:</i> {@link dev.tercet.TooLongException} when the delimiter does not begin within
   * the limit, and {@link BrokenResourceException} when the stream ends before it: both keep the
   * bytes; else as {@link #receiveSome(ByteBuffer)}.
   *
   * <p><i>Interruption:</i> no effect: the bytes are kept, the next operation begins with them.
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
    if (delimiter.length == 0) {
      throw new IllegalArgumentException("the delimiter is empty");
    }
    checkLimit(maxBytes);
    enter();
    try {
      byte[] item = items.takeUntil(delimiter, maxBytes);
      while (item == null) {
        receiveMore();
        item = items.takeUntil(delimiter, maxBytes);
      }
      return item;
    } finally {
      exit();
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
   * <p><i>Interruption:</i> no effect: the bytes are kept, the next operation begins with them.
   *
   * <p><i>Thread-safety:</i> one receiver at a time.
   *
   * @param maxBytes how many bytes the line may have without its end, 0 or more
   * @return the line without its end, maybe empty; null at the end of the stream
   * @throws IllegalArgumentException when {@code maxBytes} is negative
   * @throws IOException when there is no whole line
   * @throws InterruptedException when interrupted before or while waiting
   */
  public @Nullable String receiveLine(int maxBytes) throws IOException, InterruptedException {
    checkLimit(maxBytes);
    enter();
    try {
      byte[] line = items.takeLine(maxBytes);
      while (line == null && !items.isEnded()) {
        receiveMore();
        line = items.takeLine(maxBytes);
      }
      return line == null ? null : new String(line, StandardCharsets.UTF_8);
    } finally {
      exit();
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>What was received ahead comes first, and alone.
   */
  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    if (!into.hasRemaining()) {
      throw new IllegalArgumentException("there is no room to receive into");
    }
    enter();
    try {
      int n = items.takeSome(into);
      if (n > 0) {
        return n;
      }
      return items.isEnded() ? -1 : receiveStream.receiveSome(into);
    } finally {
      exit();
    }
  }

  @Override
  public byte[] receiveSome(int maxBytes) throws IOException, InterruptedException {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes must be at least 1, not " + maxBytes);
    }
    enter();
    try {
      return items.size() > 0 || items.isEnded()
          ? items.takeSome(maxBytes)
          : receiveStream.receiveSome(maxBytes);
    } finally {
      exit();
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
    receiving.enter();
    try {
      return items.size();
    } finally {
      exit();
    }
  }

  /**
   * Takes what was received ahead, to go on with the {@linkplain #receiveStream stream below}.
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
    receiving.enter();
    try {
      return items.takeSome(Integer.MAX_VALUE);
    } finally {
      exit();
    }
  }

  /** Closes the stream below; what was received ahead is thrown away (spec IO-R6). */
  @Override
  public void close() throws IOException {
    closed = true;
    discardUnlessInUse();
    receiveStream.close();
  }

  @Override
  public void closeForcefully() {
    closed = true;
    discardUnlessInUse();
    receiveStream.closeForcefully();
  }

  @Override
  public String toString() {
    return "BufferedReceiveStream(" + receiveStream + ")";
  }

  private void receiveMore() throws IOException, InterruptedException {
    int n = receiveStream.receiveSome(items.space());
    if (n < 0) {
      items.ended();
    } else {
      items.received(n);
    }
    ensureOpen();
  }

  private void enter() throws ClosedResourceException, InterruptedException {
    receiving.enter();
    try {
      Parking.checkpoint();
      ensureOpen();
    } catch (Throwable e) {
      exit();
      throw e;
    }
  }

  private void exit() {
    receiving.exit();
    if (closed) {
      discardUnlessInUse();
    }
  }

  private void ensureOpen() throws ClosedResourceException {
    if (closed) {
      throw new ClosedResourceException("the stream was closed");
    }
  }

  /** Whoever is in the middle of receiving discards on leaving. */
  private void discardUnlessInUse() {
    if (receiving.tryEnter()) {
      items.discard();
      receiving.exit();
    }
  }

  private static void checkLimit(int maxBytes) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException("maxBytes must be at least 0, not " + maxBytes);
    }
  }
}
