package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The texts are those of engines, as they were seen. */
class TlsWordsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Received fatal alert: bad_record_mac",
        "(bad_record_mac) Received fatal alert: bad_record_mac",
        "error:100003fc:SSL routines:OPENSSL_internal:SSLV3_ALERT_BAD_RECORD_MAC",
        "error:100003fc:SSL routines:OPENSSL_internal:TLSV1_ALERT_BAD_RECORD_MAC",
        "bad_record_mac(20); [client #1 @2a] fatal alert received",
        "org.bouncycastle.tls.TlsFatalAlertReceived: bad_record_mac(20)",
      })
  @DisplayName("TLS-G8 the alert of the peer is found in the words of each engine")
  void peerAlert(String words) {
    assertEquals("bad_record_mac", TlsWords.peerAlert(new SSLException(words)));
    assertEquals(
        "bad_record_mac", TlsWords.peerAlert(new SSLException("so", new SSLException(words))));
  }

  @Test
  @DisplayName("TLS-G8 an alert of this side is none of the peer's")
  void ownAlert() {
    assertNull(
        TlsWords.peerAlert(
            new SSLException("org.bouncycastle.tls.TlsFatalAlert: handshake_failure(40)")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Illegal server name, type=host_name(0), name=TLSV1_ALERT_UNKNOWN_CA",
        "no name matching Received fatal alert: unknown_ca found",
        "found: error:10000418:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA",
        "x, unknown_ca(48); [client #1 @2a] fatal alert received",
        "Received fatal alert: unknown_ca found",
      })
  @DisplayName("TLS-G8 TLS-M10 an alert in the peer's words is none that it sent")
  void alertInNames(String words) {
    assertNull(TlsWords.peerAlert(new SSLException(words)));
    for (String whole : List.of(words, "Received fatal alert: unknown_ca")) {
      assertNull(TlsWords.peerAlert(new SSLException("so", new CertificateException(whole))));
      assertNull(TlsWords.peerAlert(new SSLException(whole, new CertificateException(whole))));
      assertNull(
          TlsWords.peerAlert(
              new SSLException("so", new IllegalStateException(new SSLException(whole)))));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(bad_record_mac) Received fatal alert: bad_record_mac",
        "Read error: ssl=0x7efe946ac348: Failure in SSL library, usually a protocol error\n"
            + "error:100003fc:SSL routines:OPENSSL_internal:SSLV3_ALERT_BAD_RECORD_MAC"
            + " (external/boringssl/src/ssl/tls_record.cc:486 0x7efe6121730d:0x00000000)",
        "error:100003fc:SSL routines:OPENSSL_internal:SSLV3_ALERT_BAD_RECORD_MAC"
            + " (/__w/_temp/boringssl/ssl/tls_record.cc:486 0x7efe6121730d:0x00000000)",
      })
  @DisplayName("TLS-G8 an alert is found in longer texts of engines, too")
  void longAlerts(String words) {
    assertEquals("bad_record_mac", TlsWords.peerAlert(new SSLException(words)));
  }

  @Test
  @DisplayName(
      "TLS-G8 an error says the phase, and the alert, the certificate's fault or the reason")
  void phases() {
    SSLException alert = new SSLException("Received fatal alert: unknown_ca");
    assertEquals(
        "TLS handshake failed: the peer sent the alert unknown_ca", TlsWords.of(alert, false));
    assertEquals(
        "TLS connection broken: the peer sent the alert unknown_ca", TlsWords.of(alert, true));
    SSLException refused =
        new SSLException(
            "so", new CertificateException("outer", new CertificateException("inner")));
    assertEquals(
        "TLS handshake failed: the peer's certificate was refused: outer",
        TlsWords.of(refused, false));
    assertEquals("TLS connection broken: so", TlsWords.of(new SSLException("so"), true));
    assertEquals(
        "TLS connection broken: IllegalStateException",
        TlsWords.of(new IllegalStateException(), true));
  }

  private static @Nullable String plaintext(byte... bytes) {
    ByteBuffer first = ByteBuffer.wrap(bytes);
    String said = TlsWords.plaintextUntrusted(first);
    assertEquals(0, first.position());
    return said;
  }

  @Test
  @DisplayName("what is no record of TLS is shown, cut and harmless")
  void plaintext() {
    for (int type = 20; type <= 23; type++) {
      assertNull(plaintext((byte) type, (byte) 'x'), "type " + type);
    }
    assertNull(plaintext((byte) 0x80), "SSL 2, which engines know");
    assertNull(plaintext((byte) 0xff));
    assertEquals("the peer does not speak TLS, it sent \".\"", plaintext((byte) 19));
    assertEquals("the peer does not speak TLS, it sent \".\"", plaintext((byte) 24));
    assertEquals("the peer does not speak TLS, it sent \".\"", plaintext((byte) 0));
    assertEquals(
        "the peer does not speak TLS, it sent \" ~..\"",
        plaintext((byte) ' ', (byte) '~', (byte) 0x7f, (byte) 0xe9));
    assertEquals(
        "the peer does not speak TLS, it sent \"" + "a".repeat(24) + "\"",
        plaintext("a".repeat(25).getBytes(StandardCharsets.US_ASCII)));
  }

  @Test
  @DisplayName("alerts have the names of the standards, and strange ones their number")
  void alertNames() {
    for (TlsAlert alert : TlsAlert.values()) {
      assertEquals(alert.toString(), TlsAlert.nameOf(alert.record()[6] & 0xff));
      assertEquals(7, alert.record().length);
    }
    assertEquals("close_notify", TlsAlert.nameOf(0));
    assertEquals("no_application_protocol", TlsAlert.nameOf(120));
    assertEquals("121", TlsAlert.nameOf(121));
  }

  private static boolean isRecord(int... bytes) {
    ByteBuffer first = ByteBuffer.allocate(bytes.length + 1).put((byte) 3);
    for (int b : bytes) {
      first.put((byte) b);
    }
    return TlsWords.isRecordUntrusted(first.flip().position(1));
  }

  @Test
  @DisplayName("TLS-B20 a record of an unknown type goes on with the version of a record")
  void unknownRecord() {
    assertTrue(isRecord(99, 3, 0));
    assertTrue(isRecord(99, 3, 4));
    assertFalse(isRecord(99, 3, 5));
    assertFalse(isRecord(99, 2, 3));
    assertFalse(isRecord(99, 4, 3));
    assertFalse(isRecord(99, 3));
    assertFalse(isRecord(3));
  }

  @Test
  @DisplayName(
      "TLS-B19 the alert for what an engine threw is decode_error, handshake_failure or ours")
  void alertOf() {
    assertEquals(TlsAlert.DECODE_ERROR, TlsAlert.of(new BufferUnderflowException()));
    assertEquals(TlsAlert.DECODE_ERROR, TlsAlert.of(new BufferOverflowException()));
    assertEquals(TlsAlert.HANDSHAKE_FAILURE, TlsAlert.of(new SSLException("x")));
    assertEquals(TlsAlert.INTERNAL_ERROR, TlsAlert.of(new IllegalStateException()));
  }

  @Test
  @DisplayName("TLS-G8 an alert deep in the causes is found, and an error without a text is none")
  void deepAlert() {
    SSLException alert = new SSLException("Received fatal alert: unknown_ca");
    assertEquals("unknown_ca", TlsWords.peerAlert(new SSLException(new IOException("so", alert))));
    assertNull(TlsWords.peerAlert(new SSLException((String) null)));
    assertNull(TlsWords.peerAlert(new IllegalStateException(alert)));
    assertEquals(
        "TLS handshake failed: the peer's certificate was refused: CertificateException",
        TlsWords.of(new SSLException("so", new CertificateException()), false));
  }
}
