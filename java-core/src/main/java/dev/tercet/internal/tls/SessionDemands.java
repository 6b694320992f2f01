package dev.tercet.internal.tls;

import dev.tercet.proto.tls.PeerDemands;
import dev.tercet.tls.TlsInfo;
import java.security.cert.CertificateException;
import java.util.Set;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration asks of the session, whatever the engine says about itself (spec TLS-R-p).
 *
 * <p><b>The problem.</b> Engines have getters for what they were told. Conscrypt says that it
 * checks the name of the server, and leaves that to a trust manager that may know no names. It and
 * OpenSSL's resume a session without the certificate that is needed, if it was made when none was.
 *
 * <p><b>The strategy.</b> The facts are read when the handshake ends, before any data is sent or
 * received: the version, the peer's certificate, and its names, unless the engine is the JDK's.
 * Whether the chain is trusted cannot be seen so; all engines ask their trust manager about it.
 *
 * @param versions those that may be spoken
 * @param needsCertificate whether the peer must have shown one
 * @param host whom the certificate must be for; null when the engine is known to look, or nobody is
 *     to look
 */
record SessionDemands(Set<String> versions, boolean needsCertificate, @Nullable ServerName host)
    implements PeerDemands {
  @Override
  public @Nullable SSLException complaint(TlsInfo facts) {
    if (!versions.contains(facts.version())) {
      return new SSLHandshakeException(
          "the TLS engine speaks " + facts.version() + ", which the configuration does not allow");
    }
    if (facts.peerCertificates().isEmpty()) {
      return needsCertificate
          ? new SSLHandshakeException("the peer has shown no certificate")
          : null;
    }
    CertificateException why =
        host == null ? null : CertifiedHost.complaint(facts.peerCertificates().get(0), host);
    if (why == null) {
      return null;
    }
    SSLHandshakeException refused = new SSLHandshakeException(why.getMessage());
    refused.initCause(why);
    return refused;
  }
}
