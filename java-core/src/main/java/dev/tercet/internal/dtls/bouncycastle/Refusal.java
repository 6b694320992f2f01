package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.internal.text.PeerErrors;
import java.io.IOException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.bouncycastle.tls.TlsFatalAlert;
import org.jspecify.annotations.Nullable;

/**
 * Why a handshake has failed on our side, in the types that TLS of the JDK has for it, so that
 * users need to know one kind of errors only.
 */
final class Refusal {
  private Refusal() {}

  /** Says what went wrong; the cause is what the engine threw, made harmless. */
  static IOException of(Throwable thrown) {
    Throwable error = PeerErrors.harmless(thrown);
    CertificateException certificate = certificate(error);
    if (certificate != null) {
      return refused("the peer's certificate was refused: " + certificate.getMessage(), error);
    }
    if (error instanceof SSLHandshakeException ours) {
      return ours;
    }
    if (thrown instanceof TlsFatalAlert && error.getCause() instanceof SSLException ours) {
      return ours;
    }
    if (thrown instanceof TlsFatalAlert) {
      Throwable cause = error.getCause();
      return refused(error.getMessage() + (cause == null ? "" : ": " + cause), error);
    }
    return new SSLException("DTLS handshake failed: " + error, error);
  }

  private static SSLHandshakeException refused(String why, Throwable cause) {
    SSLHandshakeException refused = new SSLHandshakeException("DTLS handshake failed: " + why);
    refused.initCause(cause);
    return refused;
  }

  /** The outermost one: it is ours, if it comes from a trust manager of ours, and says most. */
  private static @Nullable CertificateException certificate(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (e instanceof CertificateException found) {
        return found;
      }
    }
    return null;
  }
}
