package dev.tercet.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The certificates of PEM files. */
final class PemCertificates {
  private static final Set<String> TYPES = Set.of("CERTIFICATE", "X509 CERTIFICATE");

  /**
   * OpenSSL's own: behind the certificate it says for what it is trusted, and for what it is not.
   */
  private static final String TRUSTED = "TRUSTED CERTIFICATE";

  private PemCertificates() {}

  /**
   * A certificate, and where it was found.
   *
   * @param certificate from the file
   * @param line in which it begins
   */
  record Found(X509Certificate certificate, int line) {}

  /** Reads all certificates of a file; what else is in it is left alone. At least one. */
  static List<X509Certificate> read(Path path) throws IOException {
    return find(PemFile.read(path)).stream().map(Found::certificate).toList();
  }

  /** All certificates of a file, at least one. */
  static List<Found> find(PemFile file) throws IOException {
    CertificateFactory factory = factory();
    List<Found> certificates = new ArrayList<>();
    for (PemFile.Block block : file.blocks()) {
      if (block.type().equals(TRUSTED)) {
        throw file.error(
            block,
            "the trust settings of OpenSSL's TRUSTED CERTIFICATE are not supported;"
                + " convert it with: openssl x509 -in OLD -out NEW");
      }
      if (TYPES.contains(block.type())) {
        X509Certificate certificate = parsed(factory, block.content());
        if (certificate == null) {
          throw file.error(block, "this is not a certificate");
        }
        certificates.add(new Found(certificate, block.line()));
      }
    }
    if (certificates.isEmpty()) {
      throw new IOException(file + ": there is no certificate in it");
    }
    return certificates;
  }

  /** Null when it is none, or more than one: the reason could quote it. */
  private static @Nullable X509Certificate parsed(CertificateFactory factory, byte[] content) {
    ByteArrayInputStream in = new ByteArrayInputStream(content);
    try {
      X509Certificate certificate = (X509Certificate) factory.generateCertificate(in);
      return in.available() == 0 ? certificate : null;
    } catch (CertificateException e) {
      return null;
    }
  }

  private static CertificateFactory factory() {
    try {
      return CertificateFactory.getInstance("X.509");
    } catch (CertificateException e) {
      throw new IllegalStateException("every Java platform has X.509", e);
    }
  }
}
