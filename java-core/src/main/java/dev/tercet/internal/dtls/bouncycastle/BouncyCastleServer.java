package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.proto.tls.SentHostName;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.DtlsServerConfig;
import dev.tercet.tls.TlsIdentity;
import dev.tercet.tls.TlsTrust;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Vector;
import java.util.stream.IntStream;
import javax.net.ssl.SSLException;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.NameType;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.ServerName;
import org.bouncycastle.tls.SessionParameters;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsSession;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.jspecify.annotations.Nullable;

/** What a server chooses, who it is, and whom it believes. DTLS 1.2, forward secret, AEAD. */
final class BouncyCastleServer extends DefaultTlsServer {
  private static final int SESSION_ID_BYTES = 32;

  /**
   * A client that has several certificates chooses by the authorities that the server names. All
   * those of a platform are some 20 KB, which would go through the network again with each loss;
   * then none is named, which stands for any.
   */
  private static final int MAX_AUTHORITIES_BYTES = 2048;

  private final JcaTlsCrypto crypto;
  private final DtlsServerConfig config;
  private final @Nullable TlsTrust trust;
  private final ServerSessions sessions;
  private final long nowNanos;
  private final EngineReport report;
  private @Nullable String serverName;
  private @Nullable TlsIdentity identity;
  private @Nullable TlsSession resuming;
  private int resumedSuite = -1;

  BouncyCastleServer(
      JcaTlsCrypto crypto,
      DtlsServerConfig config,
      ServerSessions sessions,
      long nowNanos,
      EngineReport report) {
    super(crypto);
    this.crypto = crypto;
    this.config = config;
    this.trust = config.clientAuth() == ClientAuth.NONE ? null : config.clientTrust();
    this.sessions = sessions;
    this.nowNanos = nowNanos;
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
  public int[] getSupportedGroups() throws IOException {
    return Arrays.stream(super.getSupportedGroups()).filter(JvmRules.get()::allowsGroup).toArray();
  }

  /** Of those that the client offers, or the one that stands for no offer. */
  @Override
  protected int selectECDH(int minimumBits) {
    return possibleGroups().filter(group -> bits(group) >= minimumBits).findFirst().orElse(-1);
  }

  @Override
  protected int getMaximumNegotiableCurveBits() {
    return possibleGroups().map(BouncyCastleServer::bits).max().orElse(0);
  }

  private IntStream possibleGroups() {
    int[] offered = context.getSecurityParametersHandshake().getClientSupportedGroups();
    return Arrays.stream(offered == null ? new int[] {NamedGroup.secp256r1} : offered)
        .filter(JvmRules.get()::allowsGroup)
        .filter(crypto::hasNamedGroup);
  }

  private static int bits(int group) {
    return NamedGroup.getCurveBits(group);
  }

  /** The last are the kinds of signatures that the client verifies; here, with allowed hashes. */
  @Override
  @SuppressWarnings("rawtypes") // Bouncy Castle's
  protected boolean isSelectableCipherSuite(
      int suite, int curveBits, int finiteFieldBits, Vector kinds) {
    Vector<?> offered = context.getSecurityParametersHandshake().getClientSigAlgs();
    return super.isSelectableCipherSuite(
        suite,
        curveBits,
        finiteFieldBits,
        TlsUtils.getUsableSignatureAlgorithms(JvmRules.get().signatures(offered)));
  }

  /** In the order of the server, who knows its own machine. */
  @Override
  protected boolean preferLocalCipherSuites() {
    return true;
  }

  @Override
  protected @Nullable Vector<?> getProtocolNames() {
    return Certificates.protocols(config.alpn());
  }

  @Override
  public int getHandshakeResendTimeMillis() {
    return BouncyCastleEngine.NEVER_MILLIS;
  }

  /** The first question after the hello was read. */
  @Override
  public ProtocolVersion getServerVersion() throws IOException {
    serverName =
        serverNameUntrusted(context.getSecurityParametersHandshake().getClientServerNames());
    return super.getServerVersion();
  }

  @Override
  public byte[] getNewSessionID() {
    byte[] id = new byte[SESSION_ID_BYTES];
    crypto.getSecureRandom().nextBytes(id);
    return id;
  }

  @Override
  public @Nullable TlsSession getSessionToResume(byte[] id) {
    resuming = null;
    if (id != null && id.length > 0) {
      TlsSession session = sessions.get(id, config, serverName, nowNanos);
      SessionParameters parameters = session == null ? null : session.exportSessionParameters();
      // A client that would not take the suite again begins anew.
      if (parameters != null && offers(parameters.getCipherSuite())) {
        resuming = session;
        resumedSuite = parameters.getCipherSuite();
      }
    }
    return resuming;
  }

  /** Bouncy Castle tells here whether it took the session. */
  @Override
  public void notifySession(TlsSession session) {
    if (session != resuming) {
      resuming = null;
    }
  }

  @Override
  public int getSelectedCipherSuite() throws IOException {
    if (resuming != null) {
      // Another suite than the session's is no resumption.
      selectCipherSuite(resumedSuite);
      return resumedSuite;
    }
    choose();
    return super.getSelectedCipherSuite();
  }

  @Override
  protected boolean selectCipherSuite(int suite) throws IOException {
    boolean isPossible =
        resuming != null || key(Suites.isEc(suite) ? KeyChoice.EC : KeyChoice.RSA) != null;
    return isPossible && super.selectCipherSuite(suite);
  }

  @Override
  protected String getDetailMessageNoCipherSuite() {
    return key(KeyChoice.EC) == null && key(KeyChoice.RSA) == null
        ? identity + " has neither an EC nor an RSA key"
        : "the client offers no cipher suite that fits: " + Arrays.toString(offeredCipherSuites);
  }

  @Override
  public void notifyAlertReceived(short level, short description) {
    report.alert(level, description);
  }

  @Override
  public void notifyHandshakeComplete() throws IOException {
    super.notifyHandshakeComplete();
    report.complete(Certificates.info(context));
    TlsSession session = context.getResumableSession();
    if (session != null && resuming == null) {
      sessions.put(session, config, serverName, nowNanos);
    }
  }

  @Override
  protected TlsCredentialedSigner getRSASignerCredentials() throws IOException {
    return signer(KeyChoice.RSA);
  }

  @Override
  protected TlsCredentialedSigner getECDSASignerCredentials() throws IOException {
    return signer(KeyChoice.EC);
  }

  @Override
  public @Nullable CertificateRequest getCertificateRequest() throws IOException {
    if (trust == null) {
      return null;
    }
    return new CertificateRequest(
        new short[] {ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign},
        JvmRules.get().signatures(TlsUtils.getDefaultSupportedSignatureAlgorithms(context)),
        authorities(trust));
  }

  @Override
  public void notifyClientCertificate(Certificate client) throws IOException {
    if (!client.isEmpty() && trust != null) {
      Certificates.check(TrustCheck.ofClient(trust), client, true);
    } else if (config.clientAuth() == ClientAuth.NEED) {
      throw new TlsFatalAlert(
          AlertDescription.handshake_failure, "the client has shown no certificate");
    }
  }

  private boolean offers(int suite) {
    return Arrays.stream(offeredCipherSuites).anyMatch(each -> each == suite);
  }

  private void choose() throws IOException {
    TlsIdentity chosen;
    try {
      chosen = config.identities().apply(serverName);
    } catch (RuntimeException e) {
      throw new TlsFatalAlert(
          AlertDescription.internal_error, new SSLException("choosing an identity has failed", e));
    }
    if (chosen == null) {
      String reason =
          serverName == null
              ? "the ClientHello has no server name (SNI), and no configuration is chosen for that"
              : "no server is chosen for the name \"" + serverName + "\"";
      throw new TlsFatalAlert(AlertDescription.unrecognized_name, new SSLException(reason));
    }
    identity = chosen;
  }

  private @Nullable DtlsIdentity key(String type) {
    return identity == null ? null : KeyChoice.ofServer(identity, type, serverName);
  }

  private TlsCredentialedSigner signer(String type) throws IOException {
    DtlsIdentity key = key(type);
    if (key == null) {
      throw new TlsFatalAlert(AlertDescription.internal_error, identity + " has lost its key");
    }
    return Certificates.signer(
        context, crypto, key, context.getSecurityParametersHandshake().getClientSigAlgs());
  }

  private static @Nullable String serverNameUntrusted(@Nullable Vector<?> names)
      throws IOException {
    for (int i = 0; names != null && i < names.size(); i++) {
      ServerName name = (ServerName) names.get(i);
      if (name.getNameType() == NameType.host_name) {
        String complaint = SentHostName.complaintUntrusted(name.getNameData());
        if (complaint != null) {
          throw new TlsFatalAlert(AlertDescription.illegal_parameter, complaint);
        }
        return SentHostName.of(name.getNameData());
      }
    }
    return null;
  }

  @SuppressWarnings("JdkObsolete") // Bouncy Castle wants them so
  private static Vector<X500Name> authorities(TlsTrust trust) {
    Vector<X500Name> names = new Vector<>();
    int bytes = 0;
    for (X509Certificate issuer : trust.trustManager().getAcceptedIssuers()) {
      byte[] name = issuer.getSubjectX500Principal().getEncoded();
      bytes += name.length;
      names.add(X500Name.getInstance(name));
    }
    return bytes > MAX_AUTHORITIES_BYTES ? new Vector<>() : names;
  }
}
