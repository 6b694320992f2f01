package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import javax.net.ssl.SSLException;
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
}
