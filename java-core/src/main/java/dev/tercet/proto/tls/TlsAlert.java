package dev.tercet.proto.tls;

import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.util.Locale;

/** The alerts that this side sends by itself, without an engine (RFC 8446, section 6). */
public enum TlsAlert {
  /** A message that has no business here. */
  UNEXPECTED_MESSAGE(10),
  /** A handshake that cannot go on, for a reason that has no alert of its own. */
  HANDSHAKE_FAILURE(40),
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

  private static final byte FATAL = 2;
  private final byte code;

  TlsAlert(int code) {
    this.code = (byte) code;
  }

  /**
   * What an engine ought to have said that threw and said nothing. The JDK's engine does so: its
   * {@code SSLSocket} turns the same exceptions into these alerts.
   *
   * @param error what the engine or its computation threw
   */
  static TlsAlert of(Throwable error) {
    if (error instanceof BufferUnderflowException || error instanceof BufferOverflowException) {
      return DECODE_ERROR;
    }
    return error instanceof IOException ? HANDSHAKE_FAILURE : INTERNAL_ERROR;
  }

  /** A fatal alert before there are keys: a record of TLS 1.2 in plaintext, as 1.3 wants it too. */
  byte[] record() {
    return new byte[] {RecordHeader.ALERT, 3, 3, 0, 2, FATAL, code};
  }

  /**
   * The name of an alert that a peer has sent (RFC 8446, section 6; RFC 5246, section 7.2).
   *
   * @param code 0 to 255
   * @return in lower case; the code itself when it has no name
   */
  public static String nameOf(int code) {
    return switch (code) {
      case 0 -> "close_notify";
      case 10 -> "unexpected_message";
      case 20 -> "bad_record_mac";
      case 22 -> "record_overflow";
      case 40 -> "handshake_failure";
      case 42 -> "bad_certificate";
      case 43 -> "unsupported_certificate";
      case 44 -> "certificate_revoked";
      case 45 -> "certificate_expired";
      case 46 -> "certificate_unknown";
      case 47 -> "illegal_parameter";
      case 48 -> "unknown_ca";
      case 49 -> "access_denied";
      case 50 -> "decode_error";
      case 51 -> "decrypt_error";
      case 70 -> "protocol_version";
      case 71 -> "insufficient_security";
      case 80 -> "internal_error";
      case 86 -> "inappropriate_fallback";
      case 90 -> "user_canceled";
      case 100 -> "no_renegotiation";
      case 109 -> "missing_extension";
      case 110 -> "unsupported_extension";
      case 112 -> "unrecognized_name";
      case 113 -> "bad_certificate_status_response";
      case 115 -> "unknown_psk_identity";
      case 116 -> "certificate_required";
      case 120 -> "no_application_protocol";
      default -> Integer.toString(code);
    };
  }

  /** The name as the standards have it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
