package dev.tercet.tls;

import dev.tercet.internal.text.CertificateText;
import dev.tercet.internal.text.PeerText;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The properties of a TLS session, as of the end of the handshake.
 *
 * @param version the version, {@code TLSv1.2} or {@code TLSv1.3}
 * @param cipherSuite the cipher suite, by its JSSE name
 * @param alpn the application protocol that both sides agreed on; null for none
 * @param peerCertificates the peer's chain, leaf first; empty when it sent none
 * @param localCertificates the chain that was sent to the peer, leaf first; empty for none
 * @param sessionReused whether an earlier session was resumed, without sending certificates; also
 *     false where the engine does not know (docs/tls-engines.md)
 */
public record TlsInfo(
    String version,
    String cipherSuite,
    @Nullable String alpn,
    List<X509Certificate> peerCertificates,
    List<X509Certificate> localCertificates,
    boolean sessionReused) {
  /** Keeps copies of the lists. */
  public TlsInfo {
    peerCertificates = List.copyOf(peerCertificates);
    localCertificates = List.copyOf(localCertificates);
  }

  /**
   * The properties in one line, certificates by their subjects; names from the peer are shortened
   * and harmless.
   */
  @Override
  public String toString() {
    return "TlsInfo("
        + version
        + ", "
        + cipherSuite
        + (alpn == null ? "" : ", ALPN " + PeerText.name(alpn))
        + ", peer "
        + peerCertificates.stream().map(CertificateText::subject).toList()
        + ", local "
        + localCertificates.stream().map(CertificateText::subject).toList()
        + (sessionReused ? ", resumed)" : ")");
  }
}
