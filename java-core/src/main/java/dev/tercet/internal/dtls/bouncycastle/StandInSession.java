package dev.tercet.internal.dtls.bouncycastle;

import java.security.Principal;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/** The session of a {@link StandInEngine}: what managers of the JDK read of one. */
final class StandInSession extends ExtendedSSLSession {
  /** What our handshakes sign with and verify; what is not here is not believed in a chain. */
  private static final List<String> SIGNATURES =
      List.of(
          "SHA256withECDSA",
          "SHA384withECDSA",
          "SHA512withECDSA",
          "EdDSA",
          "Ed25519",
          "Ed448",
          "RSASSA-PSS",
          "SHA256withRSA",
          "SHA384withRSA",
          "SHA512withRSA");

  private static final String UNKNOWN_SUITE = "SSL_NULL_WITH_NULL_NULL";

  private final @Nullable String peerHost;
  private final List<SNIServerName> serverNames;

  StandInSession(@Nullable String peerHost, List<SNIServerName> serverNames) {
    this.peerHost = peerHost;
    this.serverNames = serverNames;
  }

  @Override
  public String[] getLocalSupportedSignatureAlgorithms() {
    return SIGNATURES.toArray(String[]::new);
  }

  @Override
  public String[] getPeerSupportedSignatureAlgorithms() {
    return SIGNATURES.toArray(String[]::new);
  }

  @Override
  public List<SNIServerName> getRequestedServerNames() {
    return serverNames;
  }

  @Override
  public List<byte[]> getStatusResponses() {
    return List.of();
  }

  @Override
  public @Nullable String getPeerHost() {
    return peerHost;
  }

  @Override
  public int getPeerPort() {
    return -1;
  }

  @Override
  public String getProtocol() {
    return "DTLSv1.2";
  }

  @Override
  public String getCipherSuite() {
    return UNKNOWN_SUITE;
  }

  @Override
  public byte[] getId() {
    return new byte[0];
  }

  @Override
  public @Nullable SSLSessionContext getSessionContext() {
    return null;
  }

  @Override
  public long getCreationTime() {
    return 0;
  }

  @Override
  public long getLastAccessedTime() {
    return 0;
  }

  @Override
  public void invalidate() {}

  @Override
  public boolean isValid() {
    return false;
  }

  @Override
  public void putValue(String name, Object value) {}

  @Override
  public @Nullable Object getValue(String name) {
    return null;
  }

  @Override
  public void removeValue(String name) {}

  @Override
  public String[] getValueNames() {
    return new String[0];
  }

  @Override
  public Certificate[] getPeerCertificates() throws SSLPeerUnverifiedException {
    throw new SSLPeerUnverifiedException("the handshake is not over");
  }

  @Override
  public Certificate @Nullable [] getLocalCertificates() {
    return null;
  }

  @Override
  public Principal getPeerPrincipal() throws SSLPeerUnverifiedException {
    throw new SSLPeerUnverifiedException("the handshake is not over");
  }

  @Override
  public @Nullable Principal getLocalPrincipal() {
    return null;
  }

  @Override
  public int getPacketBufferSize() {
    return 0;
  }

  @Override
  public int getApplicationBufferSize() {
    return 0;
  }
}
