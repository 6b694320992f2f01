package dev.tercet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.support.Stress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Certificates and keys out of PEM files, and what is said about those that cannot be read. */
class PemTest {
  private static final char[] SECRET = "secret".toCharArray();

  @TempDir Path directory;

  private Path file(String text) throws IOException {
    return Files.writeString(Files.createTempFile(directory, "test", ".pem"), text);
  }

  private static String text(String fixture) throws IOException {
    return Files.readString(PemFixtures.path(fixture));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rsa-pkcs1.key", "rsa-pkcs8.key", "rsa-encrypted.key"})
  @DisplayName("TLS-T1 an RSA key is the same in PKCS#1, PKCS#8 and encrypted PKCS#8")
  void rsa(String name) throws IOException {
    RSAPrivateKey expected = (RSAPrivateKey) PemKeys.read(PemFixtures.path("rsa-pkcs8.key"), null);
    RSAPrivateKey read = (RSAPrivateKey) PemKeys.read(PemFixtures.path(name), SECRET);
    assertEquals(expected.getModulus(), read.getModulus());
    assertEquals(expected.getPrivateExponent(), read.getPrivateExponent());
  }

  @Test
  @DisplayName("TLS-T1 an elliptic-curve key is the same in SEC 1 and PKCS#8")
  void ec() throws IOException {
    ECPrivateKey sec1 = (ECPrivateKey) PemKeys.read(PemFixtures.path("ec-sec1.key"), null);
    ECPrivateKey pkcs8 = (ECPrivateKey) PemKeys.read(PemFixtures.path("ec-pkcs8.key"), null);
    assertEquals(pkcs8.getS(), sec1.getS());
    assertEquals(pkcs8.getParams().getOrder(), sec1.getParams().getOrder());
  }

  @Test
  @DisplayName("TLS-T1 an Ed25519 key is read")
  void ed25519() throws IOException {
    assertEquals("EdDSA", PemKeys.read(PemFixtures.path("ed25519.key"), null).getAlgorithm());
  }

  @Test
  @DisplayName("TLS-T2 chain and key may be one file, with text around the blocks")
  void oneFile() throws IOException {
    Path both =
        file("Bag: of things\n" + text("ec-sec1.key") + "subject=x\n" + text("ec-chain.pem"));
    assertTrue(TlsIdentity.fromPem(both, both).toString().contains("CN=ec"));
  }

  @Test
  @DisplayName("TLS-T2 a chain keeps its order")
  void chain() throws IOException {
    List<String> names =
        PemCertificates.read(PemFixtures.path("rsa-chain.pem")).stream()
            .map(c -> c.getSubjectX500Principal().getName())
            .toList();
    assertEquals(List.of("CN=rsa", "CN=Tercet test intermediate"), names);
  }

  @Test
  @DisplayName("TLS-T3 a key of another certificate is refused, with both files named")
  void wrongKey() {
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                TlsIdentity.fromPem(
                    PemFixtures.path("ec-chain.pem"), PemFixtures.path("rsa-pkcs1.key")));
    assertTrue(
        String.valueOf(e.getMessage()).contains("rsa-pkcs1.key"), String.valueOf(e.getMessage()));
    assertTrue(
        String.valueOf(e.getMessage()).contains("ec-chain.pem"), String.valueOf(e.getMessage()));
    assertTrue(
        String.valueOf(e.getMessage()).contains("does not belong"), String.valueOf(e.getMessage()));
  }

  @Test
  @DisplayName("TLS-T3 an encrypted key without a password, and with a wrong one, says so")
  void passwords() {
    Path key = PemFixtures.path("rsa-encrypted.key");
    assertError("line 1", "there is no password", () -> PemKeys.read(key, null));
    assertError("line 1", "the password is wrong", () -> PemKeys.read(key, "guess".toCharArray()));
  }

  @Test
  @DisplayName("TLS-T3 OpenSSL's old encryption is refused, with the command that converts")
  void oldEncryption() {
    assertError(
        "line 1",
        "openssl pkcs8 -topk8",
        () -> PemKeys.read(PemFixtures.path("rsa-legacy-encrypted.key"), SECRET));
  }

  @Test
  @DisplayName("TLS-T3 the line and the reason of what cannot be read are told")
  void damaged() throws IOException {
    Path noEnd = file("# first\n-----BEGIN CERTIFICATE-----\nAAAA\n");
    assertError("line 2", "has no end", () -> PemCertificates.read(noEnd));
    Path wrongEnd = file("-----BEGIN CERTIFICATE-----\nAAAA\n-----END X-----\n");
    assertError("line 3", "ends what began as CERTIFICATE", () -> PemCertificates.read(wrongEnd));
    Path noBase64 = file("-----BEGIN CERTIFICATE-----\nA*AA\n-----END CERTIFICATE-----\n");
    assertError("line 1", "not valid base64", () -> PemCertificates.read(noBase64));
    Path noCertificate = file("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assertError("line 1", "not a certificate", () -> PemCertificates.read(noCertificate));
    Path noKey = file("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    assertError("line 1", "not a valid PRIVATE KEY", () -> PemKeys.read(noKey, null));
    Path strange = file("-----BEGIN X PRIVATE KEY-----\nAAAA\n-----END X PRIVATE KEY-----\n");
    assertError("line 1", "not a kind of key", () -> PemKeys.read(strange, null));
    Path two = file(text("ec-pkcs8.key") + text("rsa-pkcs8.key"));
    assertError("line 6", "a second private key", () -> PemKeys.read(two, null));
    Path empty = file("nothing\n");
    assertError(empty.toString(), "no PEM block", () -> PemKeys.read(empty, null));
    Path certificates = PemFixtures.path("root.pem");
    assertError("root.pem", "no private key", () -> PemKeys.read(certificates, null));
    Path key = PemFixtures.path("ec-pkcs8.key");
    assertError("ec-pkcs8.key", "no certificate", () -> PemCertificates.read(key));
  }

  @Test
  @DisplayName("TLS-T3 any damage of a key is an error about the key, and nothing else")
  void damagedKeys() throws IOException {
    for (String name : List.of("ec-sec1.key", "rsa-pkcs1.key", "ec-pkcs8.key")) {
      PemFile.Block block =
          PemFile.read(PemFixtures.path(name)).blocks().stream()
              .filter(b -> b.type().endsWith("PRIVATE KEY"))
              .findFirst()
              .orElseThrow();
      byte[] content = block.content();
      // Each byte at full size.
      for (int i = 0; i < content.length; i += Stress.rounds(5, 1)) {
        for (int value : new int[] {0, 0x7f, 0x84, 0xff}) {
          byte[] damaged = content.clone();
          damaged[i] = (byte) value;
          String base64 = Base64.getMimeEncoder().encodeToString(damaged);
          Path path = directory.resolve("damaged.key");
          Files.writeString(
              path,
              "-----BEGIN "
                  + block.type()
                  + "-----\n"
                  + base64
                  + "\n-----END "
                  + block.type()
                  + "-----\n");
          try {
            PemKeys.read(path, null);
          } catch (IOException e) {
            assertTrue(
                String.valueOf(e.getMessage()).contains("damaged.key, line 1"),
                String.valueOf(e.getMessage()));
          }
        }
      }
    }
  }

  private Path pem(String type, byte[] content) throws IOException {
    String base64 = Base64.getMimeEncoder().encodeToString(content);
    return file("-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"secp256r1", "secp384r1", "secp521r1"})
  @DisplayName(
      "TLS-T1 an elliptic-curve key in SEC 1 may have its public half with it, on any curve")
  void curves(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    KeyPair keys = generator.generateKeyPair();
    ECPrivateKey key = (ECPrivateKey) keys.getPrivate();
    SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded());
    byte[] sec1 =
        new org.bouncycastle.asn1.sec.ECPrivateKey(
                key.getParams().getOrder().bitLength(),
                key.getS(),
                info.getPublicKeyData(),
                info.getAlgorithm().getParameters())
            .getEncoded();
    ECPrivateKey read = (ECPrivateKey) PemKeys.read(pem("EC PRIVATE KEY", sec1), null);
    assertEquals(key.getS(), read.getS());
    assertEquals(key.getParams().getCurve(), read.getParams().getCurve());
    // Without the name of the curve.
    byte[] nameless =
        new org.bouncycastle.asn1.sec.ECPrivateKey(
                key.getParams().getOrder().bitLength(), key.getS())
            .getEncoded();
    assertError(
        "line 1",
        "not a valid EC PRIVATE KEY",
        () -> PemKeys.read(pem("EC PRIVATE KEY", nameless), null));
  }

  @Test
  @DisplayName("TLS-T3 why each kind of key could not read it is in the error")
  void reasons() throws IOException {
    Path noKey = pem("PRIVATE KEY", new byte[] {0x30, 0});
    IOException e = assertThrows(IOException.class, () -> PemKeys.read(noKey, null));
    Throwable cause = e.getCause();
    assertTrue(cause != null && cause.getSuppressed().length > 1, String.valueOf(cause));
  }

  @Test
  @DisplayName("TLS-T3 a file of more than 16 MiB is none of certificates or keys")
  void tooLarge() throws IOException {
    int most = 16 * 1024 * 1024;
    Path path = directory.resolve("large.pem");
    Files.write(path, new byte[most]);
    assertError("large.pem", "no PEM block", () -> PemKeys.read(path, null));
    Files.write(path, new byte[1], StandardOpenOption.APPEND);
    assertError("large.pem", (most + 1) + " bytes are too many", () -> PemKeys.read(path, null));
  }

  @Test
  @DisplayName("TLS-T3 headers, a second block and blocks that do not end are found by their line")
  void lines() throws IOException {
    assertError(
        "line 1",
        "OpenSSL's old encryption",
        () ->
            PemKeys.read(file("-----BEGIN PRIVATE KEY-----\n:x\n-----END PRIVATE KEY-----"), null));
    assertError(
        "line 2",
        "not a certificate",
        () ->
            PemCertificates.read(
                file("x\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")));
    assertError(
        "line 4",
        "not a certificate",
        () ->
            PemCertificates.read(
                file(
                    """
                    -----BEGIN A-----
                    AAAA
                    -----END A-----
                    -----BEGIN CERTIFICATE-----
                    AAAA
                    -----END CERTIFICATE-----
                    """)));
    assertError(
        "line 1",
        "has no end",
        () ->
            PemCertificates.read(
                file("-----BEGIN A-----\nAAAA\n-----BEGIN A-----\n-----END A-----")));
  }

  private static void assertError(String where, String what, Executable reading) {
    IOException e = assertThrows(IOException.class, reading);
    assertTrue(String.valueOf(e.getMessage()).contains(where), String.valueOf(e.getMessage()));
    assertTrue(String.valueOf(e.getMessage()).contains(what), String.valueOf(e.getMessage()));
  }
}
