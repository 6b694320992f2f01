package dev.tercet.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.support.Stress;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.X509ExtendedKeyManager;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    assertError(", line 2:", "not valid base64", () -> PemCertificates.read(noBase64));
    // Each line is base64, and all of them together are not.
    Path cut = file("-----BEGIN CERTIFICATE-----\nAAAAA\n-----END CERTIFICATE-----\n");
    assertError(", line 1:", "not valid base64", () -> PemCertificates.read(cut));
    Path hollow = file("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
    assertError(", line 1:", "is empty", () -> PemCertificates.read(hollow));
    Path inside =
        file("-----BEGIN CERTIFICATE-----\nAAAA\n----BEGIN X-----\n-----END CERTIFICATE-----\n");
    assertError(", line 3:", "contains BEGIN", () -> PemCertificates.read(inside));
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

  private static void assertError(String where, String what, Executable reading) {
    IOException e = assertThrows(IOException.class, reading);
    assertTrue(String.valueOf(e.getMessage()).contains(where), String.valueOf(e.getMessage()));
    assertTrue(String.valueOf(e.getMessage()).contains(what), String.valueOf(e.getMessage()));
  }

  private static String[] blocks(String name) throws IOException {
    return text(name).strip().split("(?<=-----END CERTIFICATE-----)\\s*");
  }

  @Test
  @DisplayName("TLS-T6 a byte order mark is skipped, at the first line and in joined files")
  void byteOrderMarks() throws IOException {
    String root = text("root.pem").strip();
    String other = blocks("rsa-chain.pem")[1];
    assertEquals(1, PemCertificates.read(file("\ufeff" + root)).size());
    assertEquals(2, PemCertificates.read(file("\ufeff" + root + "\n\ufeff" + other)).size());
    Path wide = directory.resolve("wide.pem");
    for (Charset charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
      Files.write(wide, ("\ufeff" + root).getBytes(charset));
      assertError("line 1", "UTF-16", () -> PemCertificates.read(wide));
      Files.write(wide, "\ufeff".getBytes(charset));
      assertError("line 1", "UTF-16", () -> PemCertificates.read(wide));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-----BEGIN CERTIFICATE----- # two",
        "# -----BEGIN CERTIFICATE-----",
        "----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE----",
        "-----BEGINCERTIFICATE-----",
        "-----BEGIN  CERTIFICATE-----",
        "-----BEGIN certificate-----",
        "----- BEGIN CERTIFICATE-----",
        "BEGIN CERTIFICATE",
        "\u2014--BEGIN CERTIFICATE-----",
        "\\n-----BEGIN CERTIFICATE-----",
        "\u0000-----BEGIN CERTIFICATE-----"
      })
  @DisplayName("TLS-T6 a line with BEGIN that begins no block is an error, with its number")
  void damagedBegins(String begin) throws IOException {
    String root = text("root.pem").strip();
    Path damaged = file(root + "\n" + root.replace("-----BEGIN CERTIFICATE-----", begin) + "\n");
    int line = root.split("\n").length + 1;
    assertError(damaged + ", line " + line + ":", "BEGIN", () -> PemCertificates.read(damaged));
  }

  @Test
  @DisplayName("TLS-T6 an end without a beginning, and bytes behind a certificate, are errors")
  void leftOver() throws IOException {
    String root = text("root.pem").strip();
    int lines = root.split("\n").length;
    Path ended = file(root + "\n" + root.substring(root.indexOf('\n') + 1));
    assertError("line " + (2 * lines - 1), "ends a block", () -> PemCertificates.read(ended));
    byte[] der = PemFile.read(PemFixtures.path("root.pem")).blocks().get(0).content();
    byte[] twice = Arrays.copyOf(der, 2 * der.length);
    System.arraycopy(der, 0, twice, der.length, der.length);
    Path joined =
        file(
            "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(twice)
                + "\n-----END CERTIFICATE-----\n");
    assertError("line 1", "not a certificate", () -> PemCertificates.read(joined));
  }

  @Test
  @DisplayName("TLS-T6 a TRUSTED CERTIFICATE, which may say that it is not trusted, is refused")
  void trustedCertificates() throws IOException {
    String trusted = text("root.pem").replace("CERTIFICATE", "TRUSTED CERTIFICATE");
    Path path = file(text("root.pem") + trusted);
    int line = text("root.pem").strip().split("\n").length + 1;
    assertError("line " + line, "openssl x509", () -> TlsTrust.fromPem(path));
    assertError(
        "line " + line,
        "openssl x509",
        () -> TlsIdentity.fromPem(path, PemFixtures.path("ec-pkcs8.key")));
  }

  @Test
  @DisplayName("TLS-T3 no message has anything of what is in a file, whatever is wrong with it")
  void noContentInMessages() throws IOException {
    String chain = text("ec-chain.pem").strip();
    for (String name :
        List.of("ec-pkcs8.key", "ec-sec1.key", "rsa-pkcs1.key", "rsa-encrypted.key")) {
      String pem = text(name).strip();
      for (String damaged :
          List.of(
              pem.replace("\n", " "),
              pem.replace("\n", ""),
              pem.replace("\n", "\\n"),
              pem.replace("\n", " ") + "\n",
              pem.replace("-----END", " -----END"),
              pem.replace("\n", "\n: "),
              pem.replace("\n", "\n*"),
              pem.substring(0, pem.length() - 20),
              pem.replaceFirst("\n.{8}", "\n"),
              pem.replace("-----BEGIN ", "-----BEGIN MIGHAGEAMBMGBYQGSM49AGEG "),
              pem.replace("-----END ", "-----END MIGHAGEAMBMGBYQGSM49AGEG "),
              pem.replaceAll("-----(BEGIN|END) ", "-----$1 MIGHAGEAMBMGBYQGSM49AGEG "),
              chain + " " + pem.replace("\n", " ") + "\n",
              pem + pem.replace("\n", " "),
              pem + "\n" + pem.replace("PRIVATE KEY", "CERTIFICATE"))) {
        Path path = file(damaged);
        for (Executable reading :
            List.<Executable>of(
                () -> TlsIdentity.fromPem(PemFixtures.path("ec-chain.pem"), path, SECRET),
                () -> TlsIdentity.fromPem(path, path, SECRET),
                () -> TlsTrust.fromPem(path))) {
          assertSaysNothingOf(damaged, reading);
        }
      }
    }
  }

  /** Neither in the message nor in those of causes, which a log shows too. */
  private static void assertSaysNothingOf(String content, Executable reading) {
    StringWriter said = new StringWriter();
    try {
      reading.execute();
      return;
    } catch (Throwable e) {
      e.printStackTrace(new PrintWriter(said));
    }
    String base64 = content.replaceAll("-----(BEGIN|END) [A-Z0-9 ]*-----", " ");
    for (String piece : base64.split("[^A-Za-z0-9+/]+|(?<=\\G.{12})", -1)) {
      if (piece.length() >= 8) {
        assertFalse(said.toString().contains(piece), () -> piece + " of the file is in " + said);
      }
    }
    assertFalse(said.toString().contains("MIGHAGEA"), said::toString);
  }

  @Test
  @DisplayName("TLS-T7 a valid key that the platform cannot read is named by its algorithm")
  void unsupportedKeys() throws IOException {
    String scalar = "0420" + "11".repeat(32);
    String sec1 = sequence("020101" + scalar);
    for (String[] key :
        new String[][] {
          {object("28818c8209"), "04021122", "1.0.2294025"},
          {object("2b656e"), scalar, "X25519"},
          {object("2a8648ce3d0201") + object("2b81040063"), sec1, "EC with the curve 1.3.132.0.99"},
          {object("2a8648ce3d0201") + "3000", sec1, "EC with a curve that has no name"},
        }) {
      String octets = String.format("04%02x%s", key[1].length() / 2, key[1]);
      Path path = file(pem("PRIVATE KEY", sequence("020100" + sequence(key[0]) + octets)));
      assertError("line 1", "does not support", () -> PemKeys.read(path, null));
      assertError("line 1", key[2], () -> PemKeys.read(path, null));
    }
  }

  @Test
  @DisplayName("TLS-T7 a damaged key is called damaged, whatever its algorithm")
  void damagedAlgorithms() throws IOException {
    String known = object("2a8648ce3d0201") + object("2a8648ce3d030107");
    String rsa = object("2a864886f70d010101") + "0500";
    String unknown = "020100" + sequence(object("2b656e"));
    for (String damaged :
        List.of(
            sequence("020100" + sequence(known) + "040100"),
            sequence("020100" + sequence(rsa) + "040100"),
            // No key, and something behind it.
            sequence(unknown),
            sequence(unknown + "040100") + "00")) {
      Path path = file(pem("PRIVATE KEY", damaged));
      assertError("line 1", "not a valid PRIVATE KEY", () -> PemKeys.read(path, null));
    }
  }

  @Test
  @DisplayName("TLS-T7 encryption of the old kind is named, and what is damaged is not")
  void oldAndDamagedEncryption() throws IOException {
    String old =
        sequence(object("2a864886f70d010501") + sequence("0408" + "01".repeat(8) + "0201ff"));
    Path path = file(pem("ENCRYPTED PRIVATE KEY", sequence(old + "040101")));
    assertError("line 1", "encrypted by PBEWithMD2AndDES", () -> PemKeys.read(path, SECRET));
    String parts = sequence(object("2b656e")) + sequence(object("2b656f"));
    for (String damaged :
        List.of(
            sequence(old + "040101") + "00",
            sequence(old),
            sequence(old + "040101" + "0500"),
            sequence(
                sequence(object("2a864886f70d01050d") + sequence(parts + "0500")) + "040101"))) {
      Path cut = file(pem("ENCRYPTED PRIVATE KEY", damaged));
      assertError("line 1", "not a valid ENCRYPTED", () -> PemKeys.read(cut, SECRET));
    }
  }

  private static String pem(String type, String hex) {
    return "-----BEGIN "
        + type
        + "-----\n"
        + Base64.getMimeEncoder().encodeToString(HexFormat.of().parseHex(hex))
        + "\n-----END "
        + type
        + "-----\n";
  }

  @ParameterizedTest
  @CsvSource({
    // Derivation, cipher, and what they are called.
    "2b06010401da47040b, 60864801650304012a, PBES2 with scrypt and AES-256-CBC",
    "2a864886f70d01050c, 2a864886f70d0307, PBES2 with PBKDF2 and DES-EDE3-CBC",
    "2a864886f70d01050c, 2a83088c9a4b3d01010104, PBES2 with PBKDF2 and Camellia-256-CBC",
    "2a864886f70d01050c, 608648016503040116, PBES2 with PBKDF2 and AES-192-CBC",
    "2a864886f70d01050c, 6086480165030401ff7f, PBES2 with PBKDF2 and 2.16.840.1.101.3.4.1.16383",
  })
  @DisplayName("TLS-T7 a key that the platform cannot decrypt is called unsupported, not invalid")
  void unsupportedEncryption(String derivation, String cipher, String name) throws IOException {
    String kdf = sequence(object(derivation) + sequence("0408" + "01".repeat(8) + "02020800"));
    String scheme = sequence(object(cipher) + "0410" + "02".repeat(16));
    String algorithm = sequence(object("2a864886f70d01050d") + sequence(kdf + scheme));
    Path path = file(pem("ENCRYPTED PRIVATE KEY", sequence(algorithm + "0410" + "03".repeat(16))));
    assertError("line 1", "does not support", () -> PemKeys.read(path, SECRET));
    assertError("line 1", name, () -> PemKeys.read(path, SECRET));
    Path cut =
        file(
            pem(
                "ENCRYPTED PRIVATE KEY",
                sequence(algorithm + "0410" + "03".repeat(16)).substring(0, 60)));
    assertError("line 1", "not a valid ENCRYPTED", () -> PemKeys.read(cut, SECRET));
  }

  private static String sequence(String content) {
    return String.format("30%02x%s", content.length() / 2, content);
  }

  private static String object(String content) {
    return String.format("06%02x%s", content.length() / 2, content);
  }

  @Test
  @DisplayName("TLS-T2 a chain in any order, with duplicates, is sent in the right order")
  void anyOrder() throws IOException {
    String[] chain = blocks("rsa-chain.pem");
    String root = text("root.pem").strip();
    Path key = PemFixtures.path("rsa-pkcs8.key");
    for (List<String> delivered :
        List.of(
            List.of(chain[0], chain[1], root),
            List.of(chain[1], chain[0]),
            List.of(chain[0], root, chain[1]),
            List.of(root, chain[1], chain[0]),
            List.of(chain[0], chain[0], chain[1]),
            List.of(chain[0], chain[1], chain[1]),
            List.of(root, chain[0], chain[1], root))) {
      Path path = file(String.join("\n", delivered));
      X509ExtendedKeyManager manager = TlsIdentity.fromPem(path, key).keyManager();
      String alias = manager.chooseEngineServerAlias("RSA", null, null);
      List<String> subjects =
          Arrays.stream(manager.getCertificateChain(alias))
              .map(each -> each.getSubjectX500Principal().getName())
              .toList();
      List<String> whole = List.of("CN=rsa", "CN=Tercet test intermediate", "CN=Tercet test root");
      assertEquals(delivered.contains(root) ? whole : whole.subList(0, 2), subjects);
    }
  }

  @Test
  @DisplayName("TLS-T3 a certificate of another chain is named, with its line")
  void foreignCertificate() throws IOException {
    String[] chain = blocks("rsa-chain.pem");
    String foreign = blocks("ec-chain.pem")[0];
    Path path = file(chain[0] + "\n" + chain[1] + "\n" + foreign);
    int line = (chain[0] + "\n" + chain[1]).split("\n").length + 1;
    assertError(
        path + ", line " + line + ":",
        "the certificate of CN=ec is not in the chain of CN=rsa",
        () -> TlsIdentity.fromPem(path, PemFixtures.path("rsa-pkcs8.key")));
  }

  @Test
  @DisplayName("TLS-T3 a block is shown by its type and line, never by its content")
  void shownBlock() {
    assertEquals(
        "PRIVATE KEY in line 3",
        new PemFile.Block("PRIVATE KEY", 3, List.of("h: x"), "c2VjcmV0").toString());
  }
}
