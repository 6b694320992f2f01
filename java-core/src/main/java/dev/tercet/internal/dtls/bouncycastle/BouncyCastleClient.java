package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.internal.text.PeerText;
import dev.tercet.internal.tls.ServerName;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.TlsIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Vector;
import javax.net.ssl.SNIHostName;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.NameType;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.TlsSession;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.jspecify.annotations.Nullable;

/** What a client offers, whom it believes, and who it is. DTLS 1.2, forward secret, AEAD. */
final class BouncyCastleClient extends DefaultTlsClient {
  private final JcaTlsCrypto crypto;
  private final DtlsConfig config;
  private final @Nullable SNIHostName serverName;
  private final PeerCheck check;
  private final ClientSessions.Place sessions;
  private final EngineReport report;

  BouncyCastleClient(
      JcaTlsCrypto crypto,
      DtlsConfig config,
      @Nullable ServerName name,
      ClientSessions.Place sessions,
      EngineReport report) {
    super(crypto);
    this.crypto = crypto;
    this.config = config;
    this.serverName = name == null ? null : name.sni();
    this.check = TrustCheck.ofServer(config.trust(), config.checksHostname(), name);
    this.sessions = sessions;
    this.report = report;
  }

  @Override
  protected ProtocolVersion[] getSupportedVersions() {
    return ProtocolVersion.DTLSv12.only();
  }

  @Override
  protected int[] getSupportedCipherSuites() {
    return JvmRules.get().suites(Suites.all());
  }

  @Override
  @SuppressWarnings("rawtypes") // Bouncy Castle's
  protected @Nullable Vector<?> getSupportedGroups(Vector roles) {
    return JvmRules.get().groups(super.getSupportedGroups(roles));
  }

  @Override
  protected Vector<?> getSupportedSignatureAlgorithms() {
    return JvmRules.get().signatures(super.getSupportedSignatureAlgorithms());
  }

  @Override
  protected @Nullable Vector<?> getSNIServerNames() {
    if (serverName == null) {
      return null;
    }
    Vector<org.bouncycastle.tls.ServerName> names = new Vector<>();
    names.add(
        new org.bouncycastle.tls.ServerName(
            NameType.host_name, serverName.getAsciiName().getBytes(StandardCharsets.US_ASCII)));
    return names;
  }

  @Override
  protected @Nullable Vector<?> getProtocolNames() {
    return Certificates.protocols(config.alpn());
  }

  @Override
  public int getHandshakeResendTimeMillis() {
    return BouncyCastleEngine.NEVER_MILLIS;
  }

  @Override
  public @Nullable TlsSession getSessionToResume() {
    return sessions.get();
  }

  @Override
  public void notifyAlertReceived(short level, short description) {
    report.alert(level, description);
  }

  @Override
  public void notifyHandshakeComplete() throws IOException {
    super.notifyHandshakeComplete();
    ProtocolName chosen = context.getSecurityParametersConnection().getApplicationProtocol();
    if (chosen != null && !config.alpn().contains(chosen.getUtf8Decoding())) {
      throw new TlsFatalAlert(
          AlertDescription.illegal_parameter,
          "the server has chosen the protocol " + PeerText.name(chosen.getUtf8Decoding()));
    }
    report.complete(Certificates.info(context));
    TlsSession session = context.getResumableSession();
    if (session != null && !context.getSecurityParametersConnection().isResumedSession()) {
      sessions.put(session);
    }
  }

  @Override
  public TlsAuthentication getAuthentication() {
    return new TlsAuthentication() {
      @Override
      public void notifyServerCertificate(TlsServerCertificate server) throws IOException {
        if (server.getCertificate().isEmpty()) {
          throw new TlsFatalAlert(
              AlertDescription.bad_certificate, "the server has shown no certificate");
        }
        Certificates.check(check, server.getCertificate(), false);
      }

      @Override
      public @Nullable TlsCredentials getClientCredentials(CertificateRequest request)
          throws IOException {
        TlsIdentity identity = config.identity();
        DtlsIdentity chosen = identity == null ? null : choose(identity, request);
        return chosen == null
            ? null
            : Certificates.signer(
                context, crypto, chosen, request.getSupportedSignatureAlgorithms());
      }
    };
  }

  private static @Nullable DtlsIdentity choose(TlsIdentity identity, CertificateRequest request)
      throws IOException {
    List<String> types = new ArrayList<>();
    for (short type : request.getCertificateTypes()) {
      if (type == ClientCertificateType.ecdsa_sign) {
        types.add(KeyChoice.EC);
      } else if (type == ClientCertificateType.rsa_sign) {
        types.add(KeyChoice.RSA);
      }
    }
    List<X500Principal> issuers = new ArrayList<>();
    Vector<?> authorities = request.getCertificateAuthorities();
    for (int i = 0; authorities != null && i < authorities.size(); i++) {
      issuers.add(new X500Principal(((X500Name) authorities.get(i)).getEncoded()));
    }
    return types.isEmpty() ? null : KeyChoice.ofClient(identity, types, issuers);
  }
}
