package dev.tercet.internal.buffer;

import dev.tercet.ClosedResourceException;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.Operation;
import dev.tercet.proto.ItemBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A buffered receiving stream without the waiting, once for both languages: who may use the buffer,
 * what is taken out of it, and when it is thrown away. It is also the operation that receives until
 * the wanted item is whole. There is one at a time, so one object serves them all.
 *
 * <p>An operation that is given up leaves what was received in the buffer. Who closes the stream
 * throws it away, or leaves that to the task that is in the middle of receiving (spec IO-R6).
 *
 * <p><i>Thread-safety:</i> {@link #close} by anybody; all else between {@link #begin} and {@link
 * #end}.
 */
public final class ReceiveBuffer extends Operation {
  private static final byte[] NOTHING = {};

  /** What is to be taken. */
  private enum Wanted {
    BYTES,
    DELIMITED,
    LINE,
    LINE_OR_REST
  }

  private final Exclusive receiving = new Exclusive("another task is receiving");

  /** Whether the source keeps no buffer while it waits, if it is asked for an array. */
  private final boolean isSourceLean;

  /** Guarded by {@link #receiving}, as all below. */
  private final ItemBuffer items = new ItemBuffer();

  private Wanted wanted = Wanted.BYTES;
  private byte[] delimiter = NOTHING;

  /** How many bytes, or how many at most. */
  private int count;

  private byte @Nullable [] item;

  private volatile boolean closed;

  /**
   * Makes an empty one.
   *
   * @param isSourceLean whether the source keeps no buffer while it waits, if it is asked for an
   *     array
   */
  public ReceiveBuffer(boolean isSourceLean) {
    this.isSourceLean = isSourceLean;
  }

  /** Begins to use the buffer, or throws Busy; {@link #end} must follow. */
  public void begin() {
    receiving.enter();
  }

  /** Ends what {@link #begin} has begun. */
  public void end() {
    item = null;
    receiving.exit();
    if (closed) {
      discardUnlessInUse();
    }
  }

  /**
   * Throws if the stream was closed.
   *
   * @throws ClosedResourceException when it was
   */
  public void ensureOpen() throws ClosedResourceException {
    if (closed) {
      throw new ClosedResourceException("the stream was closed");
    }
  }

  /** Closes the buffer: what is in it is thrown away as soon as nobody uses it. */
  public void close() {
    closed = true;
    discardUnlessInUse();
  }

  private void discardUnlessInUse() {
    if (receiving.tryEnter()) {
      items.discard();
      receiving.exit();
    }
  }

  // ------------------------------------------------------------------------ what is wanted

  /**
   * Wants exactly so many bytes.
   *
   * @param count 0 or more
   */
  public void wantExactly(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("count must be at least 0, not " + count);
    }
    want(Wanted.BYTES, count);
  }

  /**
   * Wants the bytes before a delimiter.
   *
   * @param delimiter 1 byte or more
   * @param maxBytes how many bytes there may be before it, 0 or more
   */
  public void wantUntil(byte[] delimiter, int maxBytes) {
    if (delimiter.length == 0) {
      throw new IllegalArgumentException("the delimiter is empty");
    }
    want(Wanted.DELIMITED, checked(maxBytes));
    this.delimiter = delimiter;
  }

  /**
   * Wants a line.
   *
   * @param maxBytes how long it may be, without its end; 0 or more
   * @param orRest whether what follows the last line feed is a line too
   */
  public void wantLine(int maxBytes, boolean orRest) {
    want(orRest ? Wanted.LINE_OR_REST : Wanted.LINE, checked(maxBytes));
  }

  private static int checked(int maxBytes) {
    if (maxBytes < 0) {
      throw new IllegalArgumentException("maxBytes must be at least 0, not " + maxBytes);
    }
    return maxBytes;
  }

  private void want(Wanted wanted, int count) {
    this.wanted = wanted;
    this.count = count;
    this.item = null;
  }

  /**
   * What was wanted, when the operation is done.
   *
   * @return the bytes; none where there is no line at the end
   */
  public byte[] item() {
    return item == null ? NOTHING : item;
  }

  /**
   * The line that was wanted, when the operation is done.
   *
   * @return null at the end
   */
  public @Nullable String line() {
    return item == null ? null : new String(item, StandardCharsets.UTF_8);
  }

  // ----------------------------------------------------------------- what is there already

  /**
   * How many bytes are there.
   *
   * @return 0 or more
   */
  public int size() {
    return items.size();
  }

  /**
   * Whether what is there is all that comes, or is to be received first.
   *
   * @return false when the source is to be asked
   */
  public boolean hasSome() {
    return items.size() > 0 || items.isEnded();
  }

  /**
   * Takes what is there.
   *
   * @param maxBytes how many bytes at most
   * @return maybe none
   */
  public byte[] takeSome(int maxBytes) {
    return items.takeSome(maxBytes);
  }

  /**
   * Takes what is there into a buffer.
   *
   * @param into advanced by what was taken
   * @return how many bytes; -1 at the end
   */
  public int takeSome(ByteBuffer into) {
    int n = items.takeSome(into);
    return n == 0 ? -1 : n;
  }

  // --------------------------------------------------------------------------- the operation

  @Override
  public Need next() throws IOException {
    item = take();
    boolean isOver = item != null || (items.isEnded() && wanted != Wanted.BYTES);
    if (isOver) {
      return Need.DONE;
    }
    return isSourceLean && items.size() == 0 ? Need.RECEIVE : Need.FILL;
  }

  private byte @Nullable [] take() throws IOException {
    return switch (wanted) {
      case BYTES -> items.takeExactly(count);
      case DELIMITED -> items.takeUntil(delimiter, count);
      case LINE -> items.takeLine(count);
      case LINE_OR_REST -> items.takeLineOrRest(count);
    };
  }

  @Override
  public int receiveBytes() {
    return items.spaceBytes();
  }

  @Override
  public ByteBuffer room() {
    return items.space();
  }

  @Override
  public void received(byte[] bytes) throws ClosedResourceException {
    if (bytes.length == 0) {
      items.ended();
    } else {
      items.received(bytes);
    }
    ensureOpen();
  }

  @Override
  public void filled(int count) throws ClosedResourceException {
    if (count < 0) {
      items.ended();
    } else {
      items.received(count);
    }
    ensureOpen();
  }

  @Override
  public boolean failed(Throwable e) {
    return false;
  }

  @Override
  public void cancelled(Throwable e) {
    // What was received is in the buffer.
  }
}
