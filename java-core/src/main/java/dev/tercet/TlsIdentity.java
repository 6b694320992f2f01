package dev.tercet;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Who a side of a TLS connection is: a private key, and the certificates that say whose it is.
 *
 * <p><i>Thread-safety:</i> immutable.
 */
public final class TlsIdentity {
  private static final char[] NO_PASSWORD = {};

  private final String what;
  private final X509ExtendedKeyManager keyManager;

  private TlsIdentity(String what, X509ExtendedKeyManager keyManager) {
    this.what = what;
    this.keyManager = keyManager;
  }

  /**
   * An identity from two PEM files; it may be the same file. See {@link #fromPem(Path, Path,
   * char[])} for what they may contain; the key must not be encrypted.
   *
   * @param chain the certificates, the own one first
   * @param key the private key
   * @return the identity
   * @throws IOException when a file cannot be read
   */
  public static TlsIdentity fromPem(Path chain, Path key) throws IOException {
    return read(chain, key, null);
  }

  /**
   * An identity from two PEM files; it may be the same file. Keys may be in PKCS#8, encrypted or
   * not, PKCS#1 (RSA) or SEC 1 (elliptic curves). OpenSSL's own, old encryption is not supported.
   *
   * <p><i>Errors:</i> an {@link IOException} whose message has the file, the line and the reason,
   * also when the key does not belong to the first certificate.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param chain the certificates, the own one first, then each one's issuer; the root may be left
   *     out
   * @param key the private key
   * @param password of the key; not retained. For a key that is not encrypted it is not used
   * @return the identity
   * @throws IOException when a file cannot be read
   */
  public static TlsIdentity fromPem(Path chain, Path key, char[] password) throws IOException {
    return read(chain, key, password);
  }

  private static TlsIdentity read(Path chain, Path key, char @Nullable [] password)
      throws IOException {
    X509Certificate[] certificates = PemCertificates.read(chain).toArray(X509Certificate[]::new);
    PrivateKey privateKey = PemKeys.read(key, password);
    try {
      return of(privateKey, certificates);
    } catch (IllegalArgumentException e) {
      throw new IOException(key + ", " + chain + ": " + e.getMessage(), e);
    }
  }

  /**
   * An identity from a key and certificates.
   *
   * @param key the private key
   * @param chain the certificates, the own one first, then each one's issuer
   * @return the identity
   * @throws IllegalArgumentException when there is no certificate, or the key does not belong to
   *     the first one
   */
  public static TlsIdentity of(PrivateKey key, X509Certificate... chain) {
    if (chain.length == 0) {
      throw new IllegalArgumentException("an identity needs at least one certificate");
    }
    if (!belongs(key, chain[0].getPublicKey())) {
      throw new IllegalArgumentException(
          "the private key does not belong to the certificate of "
              + chain[0].getSubjectX500Principal().getName());
    }
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("identity", key, NO_PASSWORD, chain);
      return new TlsIdentity(
          chain[0].getSubjectX500Principal().getName(), keyManager(store, NO_PASSWORD));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("this key cannot be used: " + e.getMessage(), e);
    }
  }

  /**
   * The identities in a key store: the engine chooses one that the peer can use.
   *
   * @param store with at least one private key
   * @param password of the keys; not retained
   * @return the identity
   * @throws IllegalArgumentException when a key cannot be read
   */
  public static TlsIdentity of(KeyStore store, char[] password) {
    try {
      return new TlsIdentity("a key store", keyManager(store, password));
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("the key store cannot be used: " + e.getMessage(), e);
    }
  }

  /**
   * A key manager of one's own, which may choose by the name that a client asks for.
   *
   * @param keyManager asked once or more in each handshake; it must not mind when there is no
   *     handshake session (JDK 25 asks so when a TLS 1.2 session is resumed)
   * @return the identity
   */
  public static TlsIdentity of(X509ExtendedKeyManager keyManager) {
    return new TlsIdentity("a key manager", keyManager);
  }

  /**
   * Who has the key and the certificates, for engines of one's own.
   *
   * @return the one that this was made from, if it was
   */
  public X509ExtendedKeyManager keyManager() {
    return keyManager;
  }

  private static X509ExtendedKeyManager keyManager(KeyStore store, char[] password)
      throws GeneralSecurityException {
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, password);
    for (KeyManager manager : factory.getKeyManagers()) {
      if (manager instanceof X509ExtendedKeyManager extended) {
        return extended;
      }
    }
    throw new GeneralSecurityException("there is no key manager for certificates");
  }

  /** Signs and verifies. A kind of key that cannot be tried so is taken on trust. */
  private static boolean belongs(PrivateKey key, PublicKey certified) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          case "EdDSA", "Ed25519", "Ed448" -> "EdDSA";
          case "DSA" -> "SHA256withDSA";
          default -> null;
        };
    if (algorithm == null) {
      return true;
    }
    try {
      byte[] message = {1, 2, 3};
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(message);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(message);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return "TlsIdentity(" + what + ")";
  }
}
