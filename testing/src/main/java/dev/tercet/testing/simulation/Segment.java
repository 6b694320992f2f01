package dev.tercet.testing.simulation;

/** What travels from one end of a simulated connection to the other. */
final class Segment {
  /** What a segment is. */
  enum Kind {
    /** Bytes. */
    DATA,
    /** No more bytes will come. */
    FIN,
    /** The connection is gone. */
    RESET,
    /** The receiver has taken bytes out: there is room for so many more. */
    WINDOW
  }

  private static final byte[] NOTHING = {};
  private static final Segment FIN = new Segment(Kind.FIN, NOTHING, 0);
  private static final Segment RESET = new Segment(Kind.RESET, NOTHING, 0);

  private final Kind kind;
  private final byte[] bytes;
  private final int count;

  private Segment(Kind kind, byte[] bytes, int count) {
    this.kind = kind;
    this.bytes = bytes;
    this.count = count;
  }

  static Segment data(byte[] bytes) {
    return new Segment(Kind.DATA, bytes, bytes.length);
  }

  static Segment window(int count) {
    return new Segment(Kind.WINDOW, NOTHING, count);
  }

  static Segment fin() {
    return FIN;
  }

  static Segment reset() {
    return RESET;
  }

  Kind kind() {
    return kind;
  }

  /** The bytes of DATA; else empty. */
  byte[] bytes() {
    return bytes;
  }

  /** How many bytes DATA has, or WINDOW gives room for; else 0. */
  int count() {
    return count;
  }
}
