package dev.tercet.tls;

import java.util.Arrays;

/**
 * Reads the elements of DER (X.690) one after the other: as much as it takes to see what a key is
 * called that the platform cannot read.
 */
final class Der {
  static final int INTEGER = 0x02;
  static final int OCTETS = 0x04;
  static final int OBJECT = 0x06;
  static final int SEQUENCE = 0x30;

  /** More digits than any name has. */
  private static final int MAX_OBJECT_BYTES = 32;

  private final byte[] bytes;
  private final int end;
  private int at;

  /** What was read is no DER. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException() {
      super("no DER");
    }
  }

  private Der(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** The elements of some bytes. */
  static Der of(byte[] bytes) {
    return new Der(bytes, 0, bytes.length);
  }

  /** The tag of the next element; -1 at the end. */
  int tag() {
    return at < end ? bytes[at] & 0xff : -1;
  }

  /** The elements inside the next one, which is passed. */
  Der enterUntrusted(int tag) throws MalformedException {
    if (tag() != tag) {
      throw new MalformedException();
    }
    at++;
    int length = lengthUntrusted();
    Der inside = new Der(bytes, at, at + length);
    at += length;
    return inside;
  }

  /** The content of the next element, which is passed. */
  byte[] contentUntrusted(int tag) throws MalformedException {
    Der inside = enterUntrusted(tag);
    return Arrays.copyOfRange(bytes, inside.at, inside.end);
  }

  /** Passes the next element, if it has a tag. */
  void skipUntrusted(int tag) throws MalformedException {
    Der unused = enterUntrusted(tag);
  }

  /** The name of an object, as {@code 1.2.840}. */
  String objectUntrusted() throws MalformedException {
    byte[] content = contentUntrusted(OBJECT);
    if (content.length == 0
        || content.length > MAX_OBJECT_BYTES
        || content[content.length - 1] < 0) {
      throw new MalformedException();
    }
    StringBuilder name = new StringBuilder();
    long number = 0;
    for (byte b : content) {
      if (number > Long.MAX_VALUE >> 7) {
        throw new MalformedException();
      }
      number = number << 7 | (b & 0x7f);
      if (b >= 0) {
        if (name.length() == 0) {
          long first = Math.min(number / 40, 2);
          name.append(first).append('.').append(number - first * 40);
        } else {
          name.append('.').append(number);
        }
        number = 0;
      }
    }
    return name.toString();
  }

  /** Fails unless everything was read. */
  void requireEnd() throws MalformedException {
    if (at != end) {
      throw new MalformedException();
    }
  }

  private int lengthUntrusted() throws MalformedException {
    int first = nextUntrusted();
    int length = first;
    if (first >= 0x80) {
      int count = first & 0x7f;
      if (count < 1 || count > 3) {
        throw new MalformedException();
      }
      length = 0;
      for (int i = 0; i < count; i++) {
        length = length << 8 | nextUntrusted();
      }
    }
    if (length > end - at) {
      throw new MalformedException();
    }
    return length;
  }

  private int nextUntrusted() throws MalformedException {
    if (at >= end) {
      throw new MalformedException();
    }
    return bytes[at++] & 0xff;
  }
}
