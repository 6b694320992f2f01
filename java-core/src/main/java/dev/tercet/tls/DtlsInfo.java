package dev.tercet.tls;

import dev.tercet.internal.text.CertificateText;
import dev.tercet.internal.text.PeerText;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The properties of a DTLS association, as of the end of the handshake.
 *
 * @param version the version, {@code DTLSv1.2}
 * @param cipherSuite the cipher suite, by its JSSE name
 * @param alpn the application protocol that both sides agreed on; null for none
 * @param peerCertificates the peer's chain, leaf first; empty when it sent none. Of a session that
 *     was resumed: what was sent when it began
 * @param localCertificates the chain that was sent to the peer, leaf first; empty for none
 * @param sessionReused whether an earlier session was resumed, without certificates being sent
 */
public record DtlsInfo(
    String version,
    String cipherSuite,
    @Nullable String alpn,
    List<X509Certificate> peerCertificates,
    List<X509Certificate> localCertificates,
    boolean sessionReused) {
  /** Keeps copies of the lists. */
  public DtlsInfo {
    peerCertificates = List.copyOf(peerCertificates);
    localCertificates = List.copyOf(localCertificates);
  }

  /**
   * The properties in one line, certificates by their subjects; names from the peer are shortened
   * and harmless.
   */
  @Override
  public String toString() {
    return "DtlsInfo("
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
