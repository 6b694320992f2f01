package dev.tercet.tls;

import dev.tercet.internal.text.CertificateText;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The identity of one side of a TLS connection: a private key and its certificate chain.
 *
 * <p><i>Thread-safety:</i> immutable.
 */
public final class TlsIdentity {
  private static final char[] NO_PASSWORD = {};

  /** The JDK's key manager that chooses among several keys; its default takes any. */
  private static final String CHOOSING = "PKIX";

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
   * @param chain the certificates
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
   * <p><i>Errors:</i> an {@link IOException} whose message has the file, the line and the reason. A
   * key without its certificate, and a certificate of another chain, are errors too. No message has
   * any content of a file.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param chain the certificates: the own one, its issuer, and so on, in any order and also
   *     several times; the root may be left out
   * @param key the private key
   * @param password of the key; not retained. It is not used for an unencrypted key
   * @return the identity
   * @throws IOException when a file cannot be read
   */
  public static TlsIdentity fromPem(Path chain, Path key, char[] password) throws IOException {
    return read(chain, key, password);
  }

  private static TlsIdentity read(Path chain, Path key, char @Nullable [] password)
      throws IOException {
    PemFile file = PemFile.read(chain);
    List<PemCertificates.Found> found = PemCertificates.find(file);
    PrivateKey privateKey = PemKeys.read(key, password);
    try {
      return ordered(privateKey, found.stream().map(PemCertificates.Found::certificate).toList());
    } catch (CertificateChain.ForeignException e) {
      throw file.error(found.get(e.index).line(), e.reason);
    } catch (IllegalArgumentException e) {
      throw new IOException(key + ", " + chain + ": " + e.getMessage());
    }
  }

  /**
   * An identity from a key and certificates.
   *
   * @param key the private key
   * @param chain the certificates: the own one, its issuer, and so on, in any order
   * @return the identity
   * @throws IllegalArgumentException when there is no certificate, the key belongs to none of them,
   *     or one belongs to another chain
   */
  public static TlsIdentity of(PrivateKey key, X509Certificate... chain) {
    if (chain.length == 0) {
      throw new IllegalArgumentException("an identity needs at least one certificate");
    }
    try {
      return ordered(key, List.of(chain));
    } catch (CertificateChain.ForeignException e) {
      throw new IllegalArgumentException(e.reason, e);
    }
  }

  private static TlsIdentity ordered(PrivateKey key, List<X509Certificate> certificates)
      throws CertificateChain.ForeignException {
    List<X509Certificate> chain = CertificateChain.of(key, certificates);
    try {
      KeyStore store = emptyStore();
      store.setKeyEntry("identity", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
      return new TlsIdentity(
          CertificateText.subject(chain.get(0)),
          keyManager(KeyManagerFactory.getDefaultAlgorithm(), store, NO_PASSWORD));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("this key cannot be used: " + e.getMessage(), e);
    }
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  /**
   * The identities in a key store. Of several, the handshake uses one that the peer supports. A
   * server chooses by SNI; both sides choose by the key types and issuers that the peer accepts.
   * Valid certificates come before expired ones. If none matches the name, any of them is used.
   *
   * @param store with at least one private key and its certificates; read once
   * @param password of the keys; not retained, unless there are several and they cannot leave the
   *     store
   * @return the identity
   * @throws IllegalArgumentException when a key cannot be read, or there is none
   */
  public static TlsIdentity of(KeyStore store, char[] password) {
    try {
      List<X509Certificate> certificates = new ArrayList<>();
      KeyStore copy = emptyStore();
      boolean isCopied = true;
      for (String alias : Collections.list(store.aliases())) {
        if (store.getCertificate(alias) instanceof X509Certificate certificate
            && store.getKey(alias, password) instanceof PrivateKey key) {
          certificates.add(certificate);
          if (key.getEncoded() == null) {
            isCopied = false;
          } else {
            copy.setKeyEntry(alias, key, NO_PASSWORD, store.getCertificateChain(alias));
          }
        }
      }
      if (certificates.isEmpty()) {
        throw new IllegalArgumentException(
            "the key store has no private key with a certificate of X.509");
      }
      String algorithm =
          certificates.size() == 1 ? KeyManagerFactory.getDefaultAlgorithm() : CHOOSING;
      X509ExtendedKeyManager manager =
          isCopied
              ? keyManager(algorithm, copy, NO_PASSWORD)
              : keyManager(algorithm, store, password);
      return new TlsIdentity(
          "a key store",
          certificates.size() == 1 ? manager : new NamedKeyManager(manager, certificates));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("the key store cannot be used: " + e.getMessage(), e);
    }
  }

  /**
   * A custom key manager, which may choose by SNI.
   *
   * @param keyManager called once or more in each handshake. It must accept a missing handshake
   *     session: JDK 25 has none when a TLS 1.2 session is resumed
   * @return the identity
   */
  public static TlsIdentity of(X509ExtendedKeyManager keyManager) {
    return new TlsIdentity("a key manager", keyManager);
  }

  /**
   * The key manager of this identity, for custom engines.
   *
   * @return the key manager that this was made from, if any
   */
  public X509ExtendedKeyManager keyManager() {
    return keyManager;
  }

  private static X509ExtendedKeyManager keyManager(
      String algorithm, KeyStore store, char[] password) throws GeneralSecurityException {
    KeyManagerFactory factory = KeyManagerFactory.getInstance(algorithm);
    factory.init(store, password);
    for (KeyManager manager : factory.getKeyManagers()) {
      if (manager instanceof X509ExtendedKeyManager extended) {
        return extended;
      }
    }
    throw new GeneralSecurityException("there is no key manager for certificates");
  }

  @Override
  public String toString() {
    return "TlsIdentity(" + what + ")";
  }
}
