package dev.tercet.proto.tls;

import dev.tercet.internal.text.PeerText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an engine's exception means, in words of ours. Engines have no codes, only texts, and these
 * differ from one to the next and from version to version. One that is not understood is passed on,
 * made {@linkplain PeerText harmless}, and it is the cause in any case.
 */
final class TlsWords {
  /**
   * As the engines write it, and the whole text: {@code Received fatal alert: unknown_ca}, {@code
   * error:10000418:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA}. A text that merely has
   * such words in it may quote the peer.
   */
  private static final Pattern PEER_ALERT =
      Pattern.compile(
          "(?:\\(\\w+\\) )?received fatal alert: (\\w+)"
              + "|(?:[\\w ]+: ssl=0x[0-9a-f]+: [\\w ,]+\\s)?error:[0-9a-f]+:SSL routines:\\w+:"
              + "(?:SSLV3|TLSV1)_ALERT_([A-Z_]+)(?: \\([\\w/.:+ -]*\\))?"
              + "|(\\w+)\\(\\d+\\); \\[[\\w #@]*\\] fatal alert received"
              + "|(?:[a-z]+\\.)*TlsFatalAlertReceived: (\\w+)\\(\\d+\\)",
          Pattern.CASE_INSENSITIVE);

  private static final int MAX_SHOWN_BYTES = 24;

  private TlsWords() {}

  /**
   * Says what went wrong.
   *
   * @return one sentence without the names of classes
   */
  static String of(Throwable error, boolean handshaken) {
    String phase = handshaken ? "TLS connection broken: " : "TLS handshake failed: ";
    String alert = peerAlert(error);
    if (alert != null) {
      return phase + "the peer sent the alert " + alert;
    }
    CertificateException certificate = certificateError(error);
    if (certificate != null) {
      return phase + "the peer's certificate was refused: " + message(certificate);
    }
    return phase + message(error);
  }

  /**
   * The alert that the peer sent, if that is what the error is about.
   *
   * @return its name as in RFC 8446, section 6; null when it is about something else
   */
  static @Nullable String peerAlert(Throwable error) {
    if (certificateError(error) != null) {
      return null;
    }
    // What is no error of I/O comes from managers of the user's, and may quote the peer.
    for (Throwable e = error; e instanceof IOException; e = e.getCause()) {
      Matcher matcher = PEER_ALERT.matcher(message(e));
      if (matcher.matches()) {
        for (int i = 1; i <= matcher.groupCount(); i++) {
          if (matcher.group(i) != null) {
            return matcher.group(i).toLowerCase(Locale.ROOT);
          }
        }
      }
    }
    return null;
  }

  /** The outermost one: it is ours, if it comes from a trust manager of ours, and says most. */
  private static @Nullable CertificateException certificateError(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof CertificateException found) {
        return found;
      }
    }
    return null;
  }

  /**
   * Whether what {@link #plaintextUntrusted} has refused looks like a record of an unknown type:
   * then its sender understands an alert (RFC 8446, section 5).
   *
   * @param first the first bytes of a connection
   * @return true when they go on as a record does
   */
  static boolean isRecordUntrusted(ByteBuffer first) {
    return first.remaining() > 2
        && first.get(first.position() + 1) == 3
        && first.get(first.position() + 2) <= 4;
  }

  private static String message(Throwable error) {
    String message = error.getMessage();
    return message == null ? error.getClass().getSimpleName() : PeerText.message(message);
  }

  /** Handshake, alert, and what else a record may hold (RFC 8446, section 5.1). */
  private static final Set<Byte> RECORD_TYPES =
      Set.of(
          RecordHeader.CHANGE_CIPHER_SPEC,
          RecordHeader.ALERT,
          RecordHeader.HANDSHAKE,
          RecordHeader.APPLICATION_DATA);

  /**
   * Whether the first bytes of a connection cannot be TLS. The engine decides about all that can
   * be, and about the hello of SSL 2, whose first bit is set.
   *
   * @param first the first bytes, at least one
   * @return what was there instead; null when it may be TLS
   */
  static @Nullable String plaintextUntrusted(ByteBuffer first) {
    byte type = first.get(first.position());
    if (RECORD_TYPES.contains(type) || type < 0) {
      return null;
    }
    byte[] shown = new byte[Math.min(first.remaining(), MAX_SHOWN_BYTES)];
    first.duplicate().get(shown);
    StringBuilder text = new StringBuilder();
    for (char c : new String(shown, StandardCharsets.ISO_8859_1).toCharArray()) {
      text.append(c >= ' ' && c <= '~' ? c : '.');
    }
    return "the peer does not speak TLS, it sent \"" + text + "\"";
  }
}
