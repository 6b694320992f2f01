package dev.tercet.internal.dtls;

import java.io.IOException;
import java.util.Vector;
import java.util.stream.IntStream;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
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
  private final JcaTlsCrypto crypto;
  private final DtlsIdentity identity;

  /** Null when no certificate is asked for. */
  private final @Nullable PeerCheck check;

  private final EngineReport report;

  BouncyCastleServer(
      JcaTlsCrypto crypto, DtlsIdentity identity, @Nullable PeerCheck check, EngineReport report) {
    super(crypto);
    this.crypto = crypto;
    this.identity = identity;
    this.check = check;
    this.report = report;
  }

  @Override
  protected ProtocolVersion[] getSupportedVersions() {
    return ProtocolVersion.DTLSv12.only();
  }

  @Override
  protected int[] getSupportedCipherSuites() {
    boolean isRsa = Certificates.isRsa(identity);
    return IntStream.of(Suites.all()).filter(suite -> Suites.isEc(suite) != isRsa).toArray();
  }

  @Override
  public int getHandshakeResendTimeMillis() {
    return BouncyCastleEngine.NEVER_MILLIS;
  }

  @Override
  public void notifyAlertReceived(short level, short description) {
    report.alert(level, description);
  }

  @Override
  public void notifyHandshakeComplete() throws IOException {
    super.notifyHandshakeComplete();
    report.complete(Certificates.info(context));
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
