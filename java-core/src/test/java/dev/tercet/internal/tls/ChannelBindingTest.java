package dev.tercet.internal.tls;

import static dev.tercet.tls.TestCertificates.message;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.tls.TestCertificates;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsRole;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The hash of the server's certificate (RFC 5929, section 4). */
class ChannelBindingTest {
  private static final KeyPair RSA = TestCertificates.keys("RSA");

  private static TlsInfo info(List<X509Certificate> peer, List<X509Certificate> local) {
    return new TlsInfo("TLSv1.3", "TLS_AES_128_GCM_SHA256", null, peer, local, false);
  }

  private static byte[] binding(X509Certificate certificate) {
    return ChannelBinding.of(
        "tls-server-end-point", info(List.of(certificate), List.of()), TlsRole.CLIENT);
  }

  @ParameterizedTest
  @CsvSource({
    "MD5withRSA, SHA-256",
    "SHA1withRSA, SHA-256",
    "SHA224withRSA, SHA-224",
    "SHA256withRSA, SHA-256",
    "SHA384withRSA, SHA-384",
    "SHA512withRSA, SHA-512"
  })
  @DisplayName("TLS-J6 the hash is that of the signature, but never MD5 or SHA-1")
  void hashes(String signature, String hash) throws Exception {
    X509Certificate certificate = TestCertificates.of(RSA, signature, "CN=a");
    assertArrayEquals(
        MessageDigest.getInstance(hash).digest(certificate.getEncoded()), binding(certificate));
  }

  @Test
  @DisplayName("TLS-J6 the hash of RSASSA-PSS stands in its parameters")
  void pss() throws Exception {
    PSSParameterSpec parameters =
        new PSSParameterSpec("SHA-384", "MGF1", MGF1ParameterSpec.SHA384, 48, 1);
    X509Certificate certificate = TestCertificates.of(RSA, "RSASSA-PSS", parameters, "CN=a");
    assertArrayEquals(
        MessageDigest.getInstance("SHA-384").digest(certificate.getEncoded()),
        binding(certificate));
  }

  @Test
  @DisplayName("TLS-J6 the certificate is the server's on both sides")
  void sides() {
    X509Certificate server = TestCertificates.of(RSA, "SHA256withRSA", "CN=server");
    X509Certificate client = TestCertificates.of(RSA, "SHA256withRSA", "CN=client");
    byte[] byClient =
        ChannelBinding.of(
            "tls-server-end-point", info(List.of(server), List.of(client)), TlsRole.CLIENT);
    byte[] byServer =
        ChannelBinding.of(
            "tls-server-end-point", info(List.of(client), List.of(server)), TlsRole.SERVER);
    assertArrayEquals(binding(server), byClient);
    assertArrayEquals(binding(server), byServer);
  }

  @Test
  @DisplayName("TLS-J6 what cannot be bound to is said")
  void unsupported() {
    TlsInfo none = info(List.of(), List.of());
    assertUnsupported("tls-unique", () -> ChannelBinding.of("tls-unique", none, TlsRole.CLIENT));
    assertUnsupported(
        "no certificate", () -> ChannelBinding.of("tls-server-end-point", none, TlsRole.CLIENT));
    KeyPair edwards = TestCertificates.keys("Ed25519");
    X509Certificate certificate = TestCertificates.of(edwards, "Ed25519", "CN=a");
    assertUnsupported("has no hash", () -> binding(certificate));
  }

  private static void assertUnsupported(
      String why, org.junit.jupiter.api.function.Executable binding) {
    UnsupportedOperationException e = assertThrows(UnsupportedOperationException.class, binding);
    assertTrue(message(e).contains(why), message(e));
  }
}
