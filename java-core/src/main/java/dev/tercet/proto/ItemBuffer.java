package dev.tercet.proto;

import dev.tercet.BrokenResourceException;
import dev.tercet.TooLongException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cuts items out of a byte stream: so many bytes, up to a delimiter, a line.
 *
 * <p>The caller asks for an item. Null means that more bytes are needed: the caller receives some
 * into {@link #space}, says so with {@link #received} or {@link #ended}, and asks again. Nothing is
 * taken out before the whole item is there, so a caller that gives up in between, or hits its
 * limit, loses nothing; whoever asks next goes on with the same bytes.
 *
 * <p>Asking again is cheap. The search for a delimiter remembers how far it has come and how much
 * of the delimiter it has just seen (the automaton of Knuth, Morris and Pratt), so each byte is
 * looked at once, in whatever pieces the bytes come, and also for a delimiter such as {@code aaab}
 * that repeats itself. It starts anew only when something was taken out, or another delimiter is
 * asked for.
 *
 * <pre>
 * state     ask                                       received    ended
 * open      item | null: more | TooLong               open        ended
 * ended     item | null: clean end (a line only)      -           -
 *           | TooLong | Broken: inside an item
 * </pre>
 *
 * <p>{@code ended} is absorbing: the end of a stream is its end (spec IO-R2). What is left in the
 * buffer can still be taken.
 *
 * <p>Not thread-safe; the caller holds the lock.
 */
public final class ItemBuffer {
  /** One system call for a usual request; small enough for ten thousand connections. */
  private static final int MIN_SPACE_BYTES = 4096;

  /** What is asked for at once when a long item is known to come; more gains nothing. */
  private static final int MAX_SPACE_BYTES = 65_536;

  private static final byte[] LINE_FEED = {'\n'};

  private final ByteQueue bytes = new ByteQueue();
  private boolean ended;

  /** What is searched for, and {@link #failure its failure function}. */
  private byte[] delimiter = LINE_FEED;

  private int[] failure = {0};

  /** How many bytes from the front have been looked at. */
  private int scanned;

  /** How many bytes just before {@link #scanned} are the beginning of the delimiter. */
  private int matched;

  /** How many bytes the last request lacks, as far as it knows: at least 1. */
  private int missing = 1;

  /** Makes an empty one. */
  public ItemBuffer() {}

  /**
   * Takes exactly so many bytes.
   *
   * @param count how many, 0 or more
   * @return the bytes, or null when more are needed
   * @throws BrokenResourceException when the stream has ended before
   */
  public byte @Nullable [] takeExactly(int count) throws BrokenResourceException {
    if (bytes.size() >= count) {
      return take(count);
    }
    if (ended) {
      throw new BrokenResourceException(
          "the stream ended after " + bytes.size() + " of " + count + " bytes", null);
    }
    missing = count - bytes.size();
    return null;
  }

  /**
   * Takes the bytes before a delimiter, and drops the delimiter.
   *
   * @param end the delimiter, 1 byte or more; copied
   * @param maxBytes how many bytes there may be before it, 0 or more
   * @return the bytes without the delimiter, or null when more are needed
   * @throws TooLongException when the delimiter does not begin within {@code maxBytes}
   * @throws BrokenResourceException when the stream has ended before
   */
  public byte @Nullable [] takeUntil(byte[] end, int maxBytes)
      throws TooLongException, BrokenResourceException {
    searchFor(end);
    int length = search(maxBytes);
    if (length >= 0) {
      byte[] item = take(length);
      bytes.drop(end.length);
      return item;
    }
    if (scanned - matched > maxBytes) {
      throw new TooLongException("item", maxBytes);
    }
    if (ended) {
      throw new BrokenResourceException(
          "the stream ended after " + bytes.size() + " bytes, before the delimiter", null);
    }
    missing = 1;
    return null;
  }

  /**
   * Takes a line, and drops its end: a line feed, with or without a carriage return before it.
   *
   * @param maxBytes how long the line may be, without its end; 0 or more
   * @return the line without its end; null when more is needed or, after the end of the stream,
   *     when there is no further line
   * @throws TooLongException when the line is longer
   * @throws BrokenResourceException when the stream has ended inside the line
   */
  public byte @Nullable [] takeLine(int maxBytes) throws TooLongException, BrokenResourceException {
    byte[] line = line(maxBytes, false);
    if (line == null && ended && !bytes.isEmpty()) {
      throw new BrokenResourceException(
          "the stream ended after " + bytes.size() + " bytes of a line", null);
    }
    return line;
  }

  /**
   * Takes a line, as {@link #takeLine}; the end of the stream ends a line too.
   *
   * @param maxBytes how long the line may be, without its end; 0 or more
   * @return the line without its end; null when more is needed or, after the end of the stream,
   *     when there is no further line
   * @throws TooLongException when the line is longer
   */
  public byte @Nullable [] takeLineOrRest(int maxBytes) throws TooLongException {
    return line(maxBytes, ended);
  }

  /**
   * Takes what is there.
   *
   * @param maxBytes how many bytes at most
   * @return 0 to {@code maxBytes} bytes
   */
  public byte[] takeSome(int maxBytes) {
    return take(Math.min(maxBytes, bytes.size()));
  }

  /**
   * Takes what is there into a buffer.
   *
   * @param into advanced by the result
   * @return how many bytes, 0 or more
   */
  public int takeSome(ByteBuffer into) {
    startAnew();
    return bytes.take(into);
  }

  /**
   * How many bytes are there.
   *
   * @return 0 or more
   */
  public int size() {
    return bytes.size();
  }

  /**
   * Where to receive more bytes. Nothing has changed until {@link #received}.
   *
   * @return a buffer with room for at least one byte, as large as the last request makes sensible
   */
  public ByteBuffer space() {
    return bytes.space(spaceBytes());
  }

  /**
   * How many bytes to ask for, if not through {@link #space}.
   *
   * @return 1 or more
   */
  public int spaceBytes() {
    return Math.max(MIN_SPACE_BYTES, Math.min(missing, MAX_SPACE_BYTES));
  }

  /**
   * There are more bytes.
   *
   * @param count how many were put into the {@link #space}
   */
  public void received(int count) {
    bytes.filled(count);
  }

  /**
   * There are more bytes.
   *
   * @param more owned by this buffer from now on
   */
  public void received(byte[] more) {
    bytes.give(more);
  }

  /** The stream has ended. */
  public void ended() {
    ended = true;
  }

  /**
   * Whether the stream has ended.
   *
   * @return true: there is nothing more to receive, though bytes may be left here
   */
  public boolean isEnded() {
    return ended;
  }

  /** Forgets all bytes and frees the memory. */
  public void discard() {
    startAnew();
    bytes.clear();
  }

  private byte @Nullable [] line(int maxBytes, boolean endCounts) throws TooLongException {
    searchFor(LINE_FEED);
    // One more: a carriage return may stand between a line of full length and its line feed.
    int feed = search(maxBytes == Integer.MAX_VALUE ? maxBytes : maxBytes + 1);
    int seen = feed < 0 ? scanned : feed;
    boolean carriageReturn = seen > 0 && bytes.byteAt(seen - 1) == '\r';
    if (seen - (carriageReturn ? 1 : 0) > maxBytes) {
      throw new TooLongException("line", maxBytes);
    }
    if (feed >= 0) {
      byte[] line = take(carriageReturn ? feed - 1 : feed);
      bytes.drop(carriageReturn ? 2 : 1);
      return line;
    }
    if (endCounts && seen > 0) {
      byte[] line = take(carriageReturn ? seen - 1 : seen);
      bytes.drop(carriageReturn ? 1 : 0);
      return line;
    }
    missing = 1;
    return null;
  }

  private byte[] take(int count) {
    startAnew();
    return bytes.take(count);
  }

  private void startAnew() {
    scanned = 0;
    matched = 0;
  }

  private void searchFor(byte[] wanted) {
    if (wanted == delimiter || Arrays.equals(wanted, delimiter)) {
      return;
    }
    Objects.checkIndex(0, wanted.length);
    startAnew();
    delimiter = wanted.clone();
    failure = failureFunction(delimiter);
  }

  /**
   * Goes on with the search until the delimiter is found, the bytes are used up, or it cannot begin
   * within the limit any more.
   *
   * @return where the delimiter begins, or -1
   */
  private int search(int maxBytes) {
    int size = bytes.size();
    while (scanned < size && scanned - matched <= maxBytes) {
      byte next = bytes.byteAt(scanned);
      while (matched > 0 && next != delimiter[matched]) {
        matched = failure[matched - 1];
      }
      scanned++;
      if (next == delimiter[matched] && ++matched == delimiter.length) {
        int begin = scanned - matched;
        // The match may be asked for again with a lower limit: leave it to be found again.
        scanned--;
        matched--;
        return begin <= maxBytes ? begin : -1;
      }
    }
    return -1;
  }

  /** For each prefix of the delimiter: the length of its longest proper prefix that ends it too. */
  private static int[] failureFunction(byte[] delimiter) {
    int[] failure = new int[delimiter.length];
    int matched = 0;
    for (int i = 1; i < delimiter.length; i++) {
      while (matched > 0 && delimiter[i] != delimiter[matched]) {
        matched = failure[matched - 1];
      }
      if (delimiter[i] == delimiter[matched]) {
        matched++;
      }
      failure[i] = matched;
    }
    return failure;
  }
}
