package dev.tercet.proto.tls;

import dev.tercet.proto.ByteQueue;
import java.nio.ByteBuffer;

/**
 * What has come from the peer: ciphertext, of which the first record can be looked at, and what was
 * decrypted when the caller's buffer had no room.
 *
 * <p>Not thread-safe; the caller holds the session lock.
 */
final class TlsInbox {
  private final ByteQueue input = new ByteQueue();
  private final ByteQueue plain = new ByteQueue();

  /** Takes in ciphertext, owned by this from now on. */
  void feed(byte[] bytes) {
    input.give(bytes);
  }

  /** The ciphertext that is left. */
  byte[] takeAll() {
    return input.takeAll();
  }

  /** The ciphertext, for an engine, which decrypts in place. */
  ByteBuffer view() {
    return input.view();
  }

  /** Forgets ciphertext that an engine has read. */
  void drop(int bytes) {
    input.drop(bytes);
  }

  int size() {
    return input.size();
  }

  /** The length of the first record; what fits into it fits into a buffer of that size. */
  int recordBytes() {
    if (input.size() < RecordHeader.BYTES) {
      return Integer.MAX_VALUE;
    }
    return RecordHeader.BYTES + RecordHeader.length(input.byteAt(3), input.byteAt(4));
  }

  /** Whether the first record is of that type. */
  boolean startsWith(byte type) {
    return !input.isEmpty() && input.byteAt(0) == type;
  }

  /** Whether the first record is there to its end. */
  boolean hasWholeRecord() {
    return recordBytes() <= input.size();
  }

  /** Whether the first record can be decrypted into that buffer, and nothing goes before it. */
  boolean fits(ByteBuffer into) {
    return plain.isEmpty() && recordBytes() <= into.remaining();
  }

  /** Takes in what was decrypted. */
  void addPlain(ByteBuffer bytes) {
    plain.append(bytes);
  }

  /** What was decrypted before, as far as there is room. */
  void takePlain(ByteBuffer into) {
    plain.take(into);
  }

  boolean hasPlain() {
    return !plain.isEmpty();
  }

  /** Whether all that has come was taken. */
  boolean isEmpty() {
    return plain.isEmpty() && input.isEmpty();
  }

  /** Forgets everything, and leaves no copy of it in memory. */
  void wipe() {
    input.wipe();
    plain.wipe();
  }
}
