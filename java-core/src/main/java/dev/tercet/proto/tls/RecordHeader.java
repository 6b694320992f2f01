package dev.tercet.proto.tls;

/** What a record begins with: its type, a version and its length (RFC 8446, section 5.1). */
final class RecordHeader {
  static final int BYTES = 5;
  static final byte CHANGE_CIPHER_SPEC = 20;
  static final byte ALERT = 21;
  static final byte HANDSHAKE = 22;
  static final byte APPLICATION_DATA = 23;

  private RecordHeader() {}

  /** The length of what follows, from the last two bytes of the header. */
  static int length(byte high, byte low) {
    return (high & 0xff) << 8 | (low & 0xff);
  }
}
