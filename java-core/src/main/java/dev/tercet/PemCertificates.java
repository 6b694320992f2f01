package dev.tercet;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The certificates of PEM files. */
final class PemCertificates {
  private static final Set<String> TYPES =
      Set.of("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE");

  private PemCertificates() {}

  /** Reads all certificates of a file; what else is in it is left alone. At least one. */
  static List<X509Certificate> read(Path path) throws IOException {
    PemFile file = PemFile.read(path);
    CertificateFactory factory = factory();
    List<X509Certificate> certificates = new ArrayList<>();
    for (PemFile.Block block : file.blocks()) {
      if (!TYPES.contains(block.type())) {
        continue;
      }
      try {
        certificates.add(
            (X509Certificate)
                factory.generateCertificate(new ByteArrayInputStream(block.content())));
      } catch (CertificateException e) {
        throw file.error(block, "this is not a certificate: " + e.getMessage(), e);
      }
    }
    if (certificates.isEmpty()) {
      throw new IOException(path + ": there is no certificate in it");
    }
    return certificates;
  }

  private static CertificateFactory factory() {
    try {
      return CertificateFactory.getInstance("X.509");
    } catch (CertificateException e) {
      throw new IllegalStateException("every Java platform has X.509", e);
    }
  }
}
