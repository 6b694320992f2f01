package dev.tercet.internal.dtls;

import java.io.IOException;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.jspecify.annotations.Nullable;

/** What a server chooses, who it is, and whom it believes. DTLS 1.2, forward secret, AEAD. */
final class BouncyCastleServer extends DefaultTlsServer {
  private static final int[] RSA_SUITES = {
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
  };
  private static final int[] EC_SUITES = {
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
  };

  private final JcaTlsCrypto crypto;
  private final DtlsIdentity identity;

  /** Null when no certificate is asked for. */
  private final @Nullable PeerCheck check;

  private final ReceivedAlert alert;

  BouncyCastleServer(
      JcaTlsCrypto crypto, DtlsIdentity identity, @Nullable PeerCheck check, ReceivedAlert alert) {
    super(crypto);
    this.crypto = crypto;
    this.identity = identity;
    this.check = check;
    this.alert = alert;
  }

  @Override
  protected ProtocolVersion[] getSupportedVersions() {
    return ProtocolVersion.DTLSv12.only();
  }

  @Override
  protected int[] getSupportedCipherSuites() {
    return Certificates.isRsa(identity) ? RSA_SUITES.clone() : EC_SUITES.clone();
  }

  @Override
  public int getHandshakeResendTimeMillis() {
    return BouncyCastleEngine.NEVER_MILLIS;
  }

  @Override
  public void notifyAlertReceived(short level, short description) {
    alert.note(level, description);
  }

  @Override
  protected TlsCredentialedSigner getRSASignerCredentials() throws IOException {
    return signer();
  }

  @Override
  protected TlsCredentialedSigner getECDSASignerCredentials() throws IOException {
    return signer();
  }

  @Override
  public @Nullable CertificateRequest getCertificateRequest() {
    if (check == null) {
      return null;
    }
    Vector<?> algorithms = TlsUtils.getDefaultSupportedSignatureAlgorithms(context);
    return new CertificateRequest(
        new short[] {ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign},
        algorithms,
        null);
  }

  @Override
  public void notifyClientCertificate(Certificate client) throws IOException {
    if (check == null || client.isEmpty()) {
      throw new TlsFatalAlert(AlertDescription.handshake_failure);
    }
    Certificates.check(check, client, true);
  }

  private TlsCredentialedSigner signer() throws IOException {
    return Certificates.signer(
        context, crypto, identity, context.getSecurityParametersHandshake().getClientSigAlgs());
  }
}
