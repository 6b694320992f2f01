package dev.tercet.proto;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * Bytes in the order in which they came: put in at the end, taken out at the front.
 *
 * <p>One array, of which a part in the middle is in use. Putting in makes room in one of two ways:
 * when the free space at the front is at least as large as what is in use, the bytes are moved to
 * the front; else the array grows to twice its size. Either way a byte is moved a bounded number of
 * times, so n bytes cost O(n), in whatever pieces they come and go.
 *
 * <p>Not a ring: the bytes are always in one piece, so that they can be searched, and received into
 * directly, without a case for the wrap-around. Not a list of chunks: a peer that sends single
 * bytes would fill the heap with them.
 *
 * <p>An empty queue keeps at most {@value #RETAINED_BYTES} bytes of memory.
 *
 * <p>Not thread-safe; the caller holds the lock.
 */
public final class ByteQueue {
  /** Enough for small messages to come and go without allocation; little enough to be idle with. */
  static final int RETAINED_BYTES = 4096;

  private static final byte[] NOTHING = {};
  private static final int MIN_CAPACITY = 64;

  /** Some JVMs cannot make arrays of the very last few lengths. */
  private static final int MAX_CAPACITY = Integer.MAX_VALUE - 8;

  private byte[] bytes = NOTHING;
  private int head;
  private int size;

  /** Makes an empty queue, which holds no memory yet. */
  public ByteQueue() {}

  /**
   * How many bytes are in.
   *
   * @return 0 or more
   */
  public int size() {
    return size;
  }

  /**
   * Whether there is nothing to take.
   *
   * @return true when the size is 0
   */
  public boolean isEmpty() {
    return size == 0;
  }

  /**
   * Puts in a whole array.
   *
   * @param source copied, not retained
   */
  public void append(byte[] source) {
    append(source, 0, source.length);
  }

  /**
   * Puts in a part of an array.
   *
   * @param source copied, not retained
   * @param length how many bytes it has
   */
  public void append(byte[] source, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, source.length);
    makeRoom(length);
    System.arraycopy(source, offset, bytes, head + size, length);
    size += length;
  }

  /**
   * Puts in all remaining bytes of a buffer.
   *
   * @param source copied; its position is at its limit afterwards
   */
  public void append(ByteBuffer source) {
    int length = source.remaining();
    makeRoom(length);
    source.get(bytes, head + size, length);
    size += length;
  }

  /**
   * Puts in a whole array without copying it, if the queue is empty.
   *
   * @param source owned by the queue from now on; the caller must not touch it again
   */
  public void give(byte[] source) {
    if (size > 0) {
      append(source);
    } else if (source.length > 0) {
      bytes = source;
      head = 0;
      size = source.length;
    }
  }

  /**
   * Space behind the last byte, to be filled by the caller, who then says how much it was with
   * {@link #filled}. Until then nothing has changed; asking again, or any other change of the
   * queue, makes the space invalid.
   *
   * @param atLeast how many bytes there must be room for, 1 or more
   * @return a buffer whose position is 0 and whose limit is {@code atLeast} or more
   */
  public ByteBuffer space(int atLeast) {
    makeRoom(atLeast);
    int tail = head + size;
    return ByteBuffer.wrap(bytes, tail, bytes.length - tail).slice();
  }

  /**
   * Puts in what was written into the {@link #space}.
   *
   * @param length how many bytes, from the beginning of the space
   */
  public void filled(int length) {
    Objects.checkFromIndexSize(head + size, length, bytes.length);
    size += length;
  }

  /**
   * A look at all bytes, in place. It is valid until the queue changes; what is written into it is
   * written into the queue.
   *
   * @return a heap buffer from the next byte to be taken to the last one; {@link #drop} takes out
   *     what was read
   */
  public ByteBuffer view() {
    return ByteBuffer.wrap(bytes, head, size);
  }

  /**
   * Takes bytes out into a buffer.
   *
   * @param into advanced by the result
   * @return how many: all there are, or as many as have room; 0 when the queue is empty
   */
  public int take(ByteBuffer into) {
    int length = Math.min(size, into.remaining());
    into.put(bytes, head, length);
    drop(length);
    return length;
  }

  /**
   * Takes bytes out into a fresh array.
   *
   * @param max how many at most, 0 or more
   * @return all there are, or {@code max}; empty when the queue is empty
   */
  public byte[] take(int max) {
    byte[] taken = Arrays.copyOfRange(bytes, head, head + Math.min(size, max));
    drop(taken.length);
    return taken;
  }

  /**
   * Takes out everything.
   *
   * @return all bytes
   */
  public byte[] takeAll() {
    return take(size);
  }

  /**
   * Takes bytes out and forgets them.
   *
   * @param length how many, at most {@link #size()}
   */
  public void drop(int length) {
    Objects.checkFromToIndex(0, length, size);
    head += length;
    size -= length;
    if (size == 0) {
      head = 0;
      if (bytes.length > RETAINED_BYTES) {
        bytes = NOTHING;
      }
    }
  }

  /** Takes everything out, forgets it and frees the memory. */
  public void clear() {
    bytes = NOTHING;
    head = 0;
    size = 0;
  }

  /** As {@link #clear}, and leaves no copy of the bytes in the memory that is freed. */
  public void wipe() {
    Arrays.fill(bytes, (byte) 0);
    clear();
  }

  /**
   * Looks at one byte.
   *
   * @param index 0 is the next to be taken
   * @return the byte
   */
  public byte byteAt(int index) {
    Objects.checkIndex(index, size);
    return bytes[head + index];
  }

  private void makeRoom(int length) {
    int capacity = bytes.length;
    if (length <= capacity - head - size) {
      return;
    }
    if (head >= size && length <= capacity - size) {
      System.arraycopy(bytes, head, bytes, 0, size);
    } else {
      byte[] larger = new byte[grown(capacity, size, length)];
      System.arraycopy(bytes, head, larger, 0, size);
      bytes = larger;
    }
    head = 0;
  }

  private static int grown(int capacity, int size, int length) {
    if (length > MAX_CAPACITY - size) {
      throw new OutOfMemoryError("more than " + MAX_CAPACITY + " bytes in one queue");
    }
    long doubled = Math.min(2L * capacity, MAX_CAPACITY);
    return (int) Math.max(Math.max(doubled, size + length), MIN_CAPACITY);
  }
}
