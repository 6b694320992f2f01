package dev.tercet.proto.tls;

import java.util.Locale;

/** The alerts that this side sends by itself, without an engine (RFC 8446, section 6). */
public enum TlsAlert {
  /** A message that has no business here. */
  UNEXPECTED_MESSAGE(10),
  /** A record that is longer than records may be. */
  RECORD_OVERFLOW(22),
  /** A field that says what it must not. */
  ILLEGAL_PARAMETER(47),
  /** A field that is no field: its length is a lie. */
  DECODE_ERROR(50),
  /** A version that nobody should speak any more. */
  PROTOCOL_VERSION(70),
  /** A failure of this side, about which the peer can do nothing. */
  INTERNAL_ERROR(80),
  /** A server that is not here (RFC 6066, section 3). */
  UNRECOGNIZED_NAME(112);

  private static final byte ALERT_RECORD = 21;
  private static final byte FATAL = 2;
  private final byte code;

  TlsAlert(int code) {
    this.code = (byte) code;
  }

  /** A fatal alert before there are keys: a record of TLS 1.2 in plaintext, as 1.3 wants it too. */
  byte[] record() {
    return new byte[] {ALERT_RECORD, 3, 3, 0, 2, FATAL, code};
  }

  /** The name as the standards have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
