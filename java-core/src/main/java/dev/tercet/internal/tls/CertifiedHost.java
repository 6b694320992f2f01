package dev.tercet.internal.tls;

import dev.tercet.internal.names.IpLiteral;
import dev.tercet.internal.text.CertificateText;
import java.net.InetAddress;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/**
 * Whether a certificate is for a host: one of its alternative names is the host's DNS name, as
 * {@link CertificateText#isForName} says, or its IP address.
 *
 * <p>Used where the engine does not look, or the JDK cannot: it refuses names with an underscore.
 * What the JDK's own check takes besides is in spec TLS-M8.
 */
public final class CertifiedHost {
  private CertifiedHost() {}

  /**
   * Looks for a host among the names of a certificate.
   *
   * @param certificate of a server, whose chain is checked elsewhere
   * @param name of the server that is expected
   * @return true when it is one of them
   */
  public static boolean isFor(X509Certificate certificate, ServerName name) {
    InetAddress address = IpLiteral.parse(name.host());
    return address == null
        ? CertificateText.isForName(certificate, name.host())
        : CertificateText.addresses(certificate).stream()
            .anyMatch(text -> address.equals(parsed(text)));
  }

  /**
   * What to say of a certificate that is for another host.
   *
   * @param name of the server that is expected
   * @return null when it {@linkplain #isFor is for} that one
   */
  public static @Nullable CertificateException complaint(
      X509Certificate certificate, ServerName name) {
    return isFor(certificate, name)
        ? null
        : new CertificateException(
            "it is for another host (expected: "
                + name.host()
                + "; found: "
                + CertificateText.hosts(certificate)
                + ")");
  }

  /** Written by the JDK, which has looked at its length. */
  private static @Nullable InetAddress parsed(String address) {
    try {
      return IpLiteral.parse(address);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }
}
