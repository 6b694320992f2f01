package dev.tercet.tls;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Certificates and keys in files, valid for a century: a root, and two leaves below an intermediate
 * of it, for {@code server.test}, {@code *.wild.test}, {@code localhost}, 127.0.0.1 and ::1. The
 * keys are published with this source: they are secret to nobody.
 */
public final class PemFixtures {
  /** Nothing changes in an identity, and checking its key takes a moment. */
  private static final TlsIdentity EC = identity("ec-chain.pem", "ec-pkcs8.key");

  private PemFixtures() {}

  public static Path path(String name) {
    try {
      return Path.of(Objects.requireNonNull(PemFixtures.class.getResource("pem/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** With a key on a curve, the fastest to handshake with. */
  public static TlsIdentity identity() {
    return EC;
  }

  public static TlsIdentity identity(String chain, String key) {
    try {
      return TlsIdentity.fromPem(path(chain), path(key));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  public static TlsTrust trust() {
    try {
      return TlsTrust.fromPem(path("root.pem"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
