package dev.tercet.internal.dtls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.NameType;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.ServerName;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.jspecify.annotations.Nullable;

/** What a client offers, whom it believes, and who it is. DTLS 1.2, forward secret, AEAD. */
final class BouncyCastleClient extends DefaultTlsClient {
  private final JcaTlsCrypto crypto;
  private final @Nullable String serverName;
  private final @Nullable DtlsIdentity identity;
  private final PeerCheck check;
  private final EngineReport report;

  BouncyCastleClient(
      JcaTlsCrypto crypto,
      @Nullable String serverName,
      @Nullable DtlsIdentity identity,
      PeerCheck check,
      EngineReport report) {
    super(crypto);
    this.crypto = crypto;
    this.serverName = serverName;
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
    return Suites.all();
  }

  @Override
  protected @Nullable Vector<?> getSNIServerNames() {
    if (serverName == null) {
      return null;
    }
    Vector<ServerName> names = new Vector<>();
    names.add(new ServerName(NameType.host_name, serverName.getBytes(StandardCharsets.US_ASCII)));
    return names;
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
  public TlsAuthentication getAuthentication() {
    return new TlsAuthentication() {
      @Override
      public void notifyServerCertificate(TlsServerCertificate server) throws IOException {
        if (server.getCertificate().isEmpty()) {
          throw new TlsFatalAlert(AlertDescription.bad_certificate);
        }
        Certificates.check(check, server.getCertificate(), false);
      }

      @Override
      public @Nullable TlsCredentials getClientCredentials(CertificateRequest request)
          throws IOException {
        return identity == null
            ? null
            : Certificates.signer(
                context, crypto, identity, request.getSupportedSignatureAlgorithms());
      }
    };
  }
}
