package dev.tercet.interop;

import dev.tercet.testing.certificates.TestCa;
import dev.tercet.testing.certificates.TestIdentity;
import dev.tercet.testing.certificates.TestKeyType;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * A throw-away authority, and as PEM files what other programs need to know of it. RSA, since
 * GnuTLS cannot read the JDK's encoding of EC keys, which leaves out the public half.
 */
final class PeerFiles {
  static final String NAME = "server.test";
  static final TestCa CA = TestCa.create();
  static final TestIdentity SERVER = identity(NAME, "127.0.0.1");
  static final TestIdentity CLIENT = identity("client.test");
  static final TestIdentity OTHER = identity("other.test");

  /** Our side, as a client that shows a certificate, and as a server. */
  static final TlsConfig CONNECTING =
      TlsConfig.DEFAULT.withTrust(CA.trust()).withIdentity(CLIENT.identity());

  static final TlsServerConfig SERVING = TlsServerConfig.of(SERVER.identity());

  static final Path FOLDER = folder();
  static final String CA_PEM = write("ca.pem", CA.certificatePem());

  /** Certificate and key in one file. */
  static final String SERVER_PEM = pem("server.pem", SERVER);

  static final String CLIENT_PEM = pem("client.pem", CLIENT);
  static final String OTHER_PEM = pem("other.pem", OTHER);

  private PeerFiles() {}

  private static TestIdentity identity(String... names) {
    return CA.leaf(names).withKeyType(TestKeyType.RSA).issue();
  }

  private static Path folder() {
    try {
      Path made = Files.createTempDirectory("tercet-interop");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(made)));
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try (var all = Files.walk(folder)) {
      List<Path> inside = all.sorted(Comparator.reverseOrder()).toList();
      for (Path path : inside) {
        Files.delete(path);
      }
    } catch (IOException e) {
      System.err.println("left behind: " + e);
    }
  }

  private static String pem(String name, TestIdentity identity) {
    return write(name, identity.chainPem() + identity.keyPem());
  }

  /** Writes a file of that name. */
  static String write(String name, String text) {
    try {
      return Files.writeString(FOLDER.resolve(name), text).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
