package dev.tercet.internal.dtls.bouncycastle;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * What the JDK's trust and key managers are shown in the place of an {@link SSLEngine}.
 *
 * <p><b>The problem.</b> The JDK's {@code X509ExtendedTrustManager} checks chains and the names of
 * servers (RFC 6125) as nothing else on the JVM does, and a user's {@code TlsTrust} is one. It
 * reads what it has to check from an engine: whom the session is with, and whether a name is to be
 * checked. Bouncy Castle's handshake has no such engine.
 *
 * <p><b>The strategy.</b> This one answers the questions of managers, and does nothing else: host
 * and names by its {@link StandInSession}, the rule for names by its parameters. So trust means the
 * same in TLS and DTLS (spec DTLS-L1).
 */
final class StandInEngine extends SSLEngine {
  private final StandInSession session;
  private final boolean isClient;
  private final @Nullable String nameRule;

  /**
   * Makes one.
   *
   * @param peerHost null when nobody knows
   * @param session with the same host
   * @param checksName whether the host must be in the certificate
   */
  StandInEngine(
      @Nullable String peerHost, StandInSession session, boolean isClient, boolean checksName) {
    super(peerHost, -1);
    this.session = session;
    this.isClient = isClient;
    this.nameRule = checksName ? "HTTPS" : null;
  }

  @Override
  public SSLSession getSession() {
    return session;
  }

  @Override
  public SSLSession getHandshakeSession() {
    return session;
  }

  @Override
  public boolean getUseClientMode() {
    return isClient;
  }

  @Override
  public SSLParameters getSSLParameters() {
    SSLParameters parameters = new SSLParameters(getEnabledCipherSuites(), getEnabledProtocols());
    parameters.setEndpointIdentificationAlgorithm(nameRule);
    parameters.setAlgorithmConstraints(JvmRules.get().constraints());
    parameters.setServerNames(session.getRequestedServerNames());
    return parameters;
  }

  @Override
  public String[] getEnabledProtocols() {
    return new String[] {session.getProtocol()};
  }

  @Override
  public String[] getSupportedProtocols() {
    return getEnabledProtocols();
  }

  @Override
  public String[] getEnabledCipherSuites() {
    return Suites.names();
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return getEnabledCipherSuites();
  }

  @Override
  public HandshakeStatus getHandshakeStatus() {
    return HandshakeStatus.NEED_TASK;
  }

  @Override
  public boolean getNeedClientAuth() {
    return false;
  }

  @Override
  public boolean getWantClientAuth() {
    return false;
  }

  @Override
  public boolean getEnableSessionCreation() {
    return true;
  }

  @Override
  public boolean isInboundDone() {
    return false;
  }

  @Override
  public boolean isOutboundDone() {
    return false;
  }

  @Override
  public @Nullable Runnable getDelegatedTask() {
    return null;
  }

  @Override
  public SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer target) {
    throw readOnly();
  }

  @Override
  public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] targets, int offset, int length) {
    throw readOnly();
  }

  @Override
  public void beginHandshake() {
    throw readOnly();
  }

  @Override
  public void closeInbound() {
    throw readOnly();
  }

  @Override
  public void closeOutbound() {
    throw readOnly();
  }

  @Override
  public void setEnabledCipherSuites(String[] suites) {
    throw readOnly();
  }

  @Override
  public void setEnabledProtocols(String[] protocols) {
    throw readOnly();
  }

  @Override
  public void setUseClientMode(boolean mode) {
    throw readOnly();
  }

  @Override
  public void setNeedClientAuth(boolean need) {
    throw readOnly();
  }

  @Override
  public void setWantClientAuth(boolean want) {
    throw readOnly();
  }

  @Override
  public void setEnableSessionCreation(boolean flag) {
    throw readOnly();
  }

  private static UnsupportedOperationException readOnly() {
    return new UnsupportedOperationException("this engine answers questions only");
  }
}
