package dev.tercet.testing.certificates;

import dev.tercet.tls.TlsIdentity;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A key and its certificates, for a test, in all the forms in which programs want them.
 *
 * <p><i>Thread-safety:</i> immutable.
 */
public final class TestIdentity {
  private static final char[] PASSWORD = "test".toCharArray();

  private final PrivateKey key;
  private final List<X509Certificate> chain;

  TestIdentity(PrivateKey key, List<X509Certificate> chain) {
    this.key = key;
    this.chain = List.copyOf(chain);
  }

  /**
   * For Tercet.
   *
   * @return the identity
   */
  public TlsIdentity identity() {
    return TlsIdentity.of(key, chain.toArray(X509Certificate[]::new));
  }

  /**
   * The private key.
   *
   * @return a fresh one for each identity
   */
  public PrivateKey key() {
    return key;
  }

  /**
   * The certificates.
   *
   * @return the own one first, without the root
   */
  public List<X509Certificate> chain() {
    return chain;
  }

  /**
   * The key in PEM, as PKCS#8, not encrypted.
   *
   * @return a block with a line feed at its end
   */
  public String keyPem() {
    return Pem.key(key);
  }

  /**
   * The certificates in PEM.
   *
   * @return a block for each, the own one first
   */
  public String chainPem() {
    return chain.stream().map(Pem::certificate).collect(Collectors.joining());
  }

  /**
   * For programs that use the JDK's TLS.
   *
   * @param trusted the trusted authorities
   * @return a context with this identity
   */
  public SSLContext sslContext(TestCa trusted) {
    try {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      KeyStore authorities = KeyStore.getInstance("PKCS12");
      load(keys);
      load(authorities);
      keys.setKeyEntry("identity", key, PASSWORD, chain.toArray(X509Certificate[]::new));
      authorities.setCertificateEntry("authority", trusted.certificate());
      KeyManagerFactory keyManagers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keyManagers.init(keys, PASSWORD);
      TrustManagerFactory trustManagers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trustManagers.init(authorities);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this platform cannot make a context", e);
    }
  }

  private static void load(KeyStore empty) throws GeneralSecurityException {
    try {
      empty.load(null, null);
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
  }

  @Override
  public String toString() {
    return "TestIdentity(" + chain.get(0).getSubjectX500Principal().getName() + ")";
  }
}
