package dev.tercet.proto.tls;

import java.util.Arrays;

/**
 * A part of a ClientHello whose end is known, and what has been read of it. Reading behind the end
 * is the error of whoever wrote the lengths, and the message says which field and where.
 */
final class HelloField {
  private final byte[] bytes;
  private final String name;
  private final int end;
  private int position;

  HelloField(byte[] bytes, int position, int end, String name) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
    this.name = name;
  }

  boolean isEmpty() {
    return position == end;
  }

  int remaining() {
    return end - position;
  }

  /** A number of 1 to 3 bytes, the highest first. */
  int numberUntrusted(int size, String what) throws MalformedHelloException {
    if (remaining() < size) {
      throw malformed(
          what + " has " + size + " bytes, and " + remaining() + " are left of " + name);
    }
    int number = 0;
    for (int i = 0; i < size; i++) {
      number = number << 8 | (bytes[position++] & 0xff);
    }
    return number;
  }

  void skipUntrusted(int size, String what) throws MalformedHelloException {
    HelloField unused = takeUntrusted(size, what);
  }

  /**
   * A part with its length before it.
   *
   * @param lengthSize of how many bytes the length is
   * @param min how long it is at least
   * @param max how long it is at most
   */
  HelloField partUntrusted(int lengthSize, int min, int max, String what)
      throws MalformedHelloException {
    int length = numberUntrusted(lengthSize, "the length of " + what);
    if (length < min || length > max) {
      throw malformed(what + " has " + min + " to " + max + " bytes, and declares " + length);
    }
    return takeUntrusted(length, what);
  }

  private HelloField takeUntrusted(int size, String what) throws MalformedHelloException {
    if (size > remaining()) {
      throw malformed(
          what + " declares " + size + " bytes, and " + remaining() + " are left of " + name);
    }
    HelloField part = new HelloField(bytes, position, position + size, what);
    position += size;
    return part;
  }

  /** The next part must begin where this one ends. */
  void requireEndUntrusted() throws MalformedHelloException {
    if (!isEmpty()) {
      throw malformed(name + " has " + remaining() + " bytes too many");
    }
  }

  byte[] rest() {
    return Arrays.copyOfRange(bytes, position, end);
  }

  /** An error at the next byte. */
  MalformedHelloException malformed(String what) {
    return refused(TlsAlert.DECODE_ERROR, what);
  }

  MalformedHelloException refused(TlsAlert alert, String what) {
    return new MalformedHelloException(
        alert, "the peer's ClientHello is malformed at byte " + position + ": " + what);
  }
}
