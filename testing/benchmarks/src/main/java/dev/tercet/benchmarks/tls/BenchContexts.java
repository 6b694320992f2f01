package dev.tercet.benchmarks.tls;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.conscrypt.Conscrypt;
import org.jspecify.annotations.Nullable;

/**
 * The contexts of both sides: the JVM's own provider, an EC key that was made for this run, and a
 * client that believes everybody, since a chain of one is not what is measured.
 */
public final class BenchContexts {
  /** The protocol of all TLS benchmarks. */
  public static final String PROTOCOL = "TLSv1.3";

  /** And its cipher: the client offers no other. */
  public static final String CIPHER_SUITE = "TLS_AES_128_GCM_SHA256";

  /** The protocol of all DTLS benchmarks. */
  public static final String DTLS_PROTOCOL = "DTLSv1.2";

  /** And its cipher. */
  public static final String DTLS_CIPHER_SUITE = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";

  /** The name under which the key store has both. */
  private static final String ALIAS = "bench";

  /** What the JDK calls all versions together. */
  private static final String TLS = "TLS";

  private BenchContexts() {}

  /**
   * The server's private key.
   *
   * @return of the key store
   */
  public static PrivateKey privateKey() {
    try {
      return (PrivateKey) keyStore().getKey(ALIAS, password());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no key", e);
    }
  }

  /**
   * The server's certificate.
   *
   * @return of the key store
   */
  public static X509Certificate certificate() {
    try {
      return (X509Certificate) keyStore().getCertificate(ALIAS);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no certificate", e);
    }
  }

  /**
   * The key store with the server's key.
   *
   * @return as {@code -Dbench.keystore} names it
   */
  public static KeyStore keyStore() {
    Path file = Path.of(System.getProperty("bench.keystore", ""));
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(in, password());
      return store;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("-Dbench.keystore=" + file + ": " + e, e);
    }
  }

  /**
   * What protects a key store that lives as long as a run.
   *
   * @return no secret
   */
  public static char[] password() {
    return System.getProperty("bench.keystore.password", "").toCharArray();
  }

  /**
   * A server's context.
   *
   * @return with the key of the key store
   */
  public static SSLContext server() {
    return server(TLS, null);
  }

  /**
   * A server's context for DTLS.
   *
   * @return with the key of the key store
   */
  public static SSLContext dtlsServer() {
    return server(DTLS_PROTOCOL, null);
  }

  /**
   * A server's context of Conscrypt, which is BoringSSL below Java.
   *
   * @return with the key of the key store
   */
  public static SSLContext conscryptServer() {
    return server(TLS, Conscrypt.newProvider());
  }

  private static SSLContext server(String protocol, @Nullable Provider provider) {
    try {
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(keyStore(), password());
      return context(protocol, provider, keys.getKeyManagers(), null);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no server context", e);
    }
  }

  /**
   * A client's context.
   *
   * @return one that believes everybody
   */
  public static SSLContext client() {
    return client(TLS);
  }

  /**
   * A client's context for DTLS.
   *
   * @return one that believes everybody
   */
  public static SSLContext dtlsClient() {
    return client(DTLS_PROTOCOL);
  }

  private static SSLContext client(String protocol) {
    try {
      SSLContext context = context(protocol, null, null, new TrustManager[] {new Credulous()});
      // Sessions are not resumed; they need not be kept either.
      context.getClientSessionContext().setSessionCacheSize(1);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("no client context", e);
    }
  }

  private static SSLContext context(
      String protocol,
      @Nullable Provider provider,
      KeyManager @Nullable [] keys,
      TrustManager @Nullable [] trust)
      throws GeneralSecurityException {
    SSLContext context =
        provider == null
            ? SSLContext.getInstance(protocol)
            : SSLContext.getInstance(protocol, provider);
    context.init(keys, trust, null);
    return context;
  }

  private static final class Credulous extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
