package dev.tercet.testing;

import dev.tercet.testing.certificates.TestIdentity;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** A server's keys: the first pair until it is told to change, then the second. */
public final class ChangingIdentity extends X509ExtendedKeyManager {
  private final TestIdentity first;
  private final TestIdentity second;
  private volatile String alias = "first";
  private volatile @Nullable String secondName;

  public ChangingIdentity(TestIdentity first, TestIdentity second) {
    this.first = first;
    this.second = second;
  }

  public void change() {
    alias = "second";
  }

  /** Gives the second pair to clients that ask for this name. */
  public ChangingIdentity byName(String name) {
    secondName = name;
    return this;
  }

  /** A context of a server with these keys. */
  public SSLContext context() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[] {this}, null, null);
    return context;
  }

  private TestIdentity identity(String alias) {
    return alias.equals("first") ? first : second;
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
    if (!keyType.equals(first.key().getAlgorithm())) {
      return null;
    }
    boolean second =
        engine.getHandshakeSession() instanceof ExtendedSSLSession session
            && session.getRequestedServerNames().stream()
                .anyMatch(
                    name ->
                        name instanceof SNIHostName host && host.getAsciiName().equals(secondName));
    return second ? "second" : alias;
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return identity(alias).chain().toArray(X509Certificate[]::new);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return identity(alias).key();
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal[] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
    return null;
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal[] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
    return null;
  }
}
