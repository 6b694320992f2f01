package dev.tercet.testing.engines;

import dev.tercet.testing.certificates.TestCa;
import dev.tercet.testing.certificates.TestIdentity;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.cert.Certificate;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.jsse.provider.BouncyCastleJsseProvider;
import org.conscrypt.Conscrypt;
import org.jspecify.annotations.Nullable;

/** Contexts of several providers, none of which is installed in the JVM. */
final class EngineContexts {
  private static final char[] PASSWORD = "test".toCharArray();

  /** It tells of each connection. Held, so that its level stays. */
  private static final Logger BOUNCY_CASTLE = Logger.getLogger("org.bouncycastle.jsse");

  static {
    BOUNCY_CASTLE.setLevel(Level.OFF);
  }

  private EngineContexts() {}

  static SSLContext jdk(@Nullable TestIdentity identity, TestCa ca)
      throws GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    return init(SSLContext.getInstance("TLS"), keys, identity, trust(ca));
  }

  /**
   * With its own cryptography, since it does without only where the other is installed, and with
   * its own key managers: it knows kinds of keys that the JDK's have not heard of.
   */
  static SSLContext bouncyCastle(@Nullable TestIdentity identity, TestCa ca)
      throws GeneralSecurityException {
    Provider provider = new BouncyCastleJsseProvider(new BouncyCastleProvider());
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX", provider);
    return init(SSLContext.getInstance("TLS", provider), keys, identity, trust(ca));
  }

  static SSLContext conscrypt(@Nullable TestIdentity identity, TestCa ca)
      throws GeneralSecurityException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    SSLContext context = SSLContext.getInstance("TLS", Conscrypt.newProvider());
    return init(context, keys, identity, new GenericAuthTrust(trust(ca)));
  }

  /** A context, initialized again. */
  static SSLContext trusting(SSLContext context, TrustManager trust)
      throws GeneralSecurityException {
    context.init(null, new TrustManager[] {trust}, null);
    return context;
  }

  private static SSLContext init(
      SSLContext context,
      KeyManagerFactory keys,
      @Nullable TestIdentity identity,
      X509ExtendedTrustManager trust)
      throws GeneralSecurityException {
    KeyStore store = emptyStore();
    if (identity != null) {
      Certificate[] chain = identity.chain().toArray(Certificate[]::new);
      store.setKeyEntry("own", identity.key(), PASSWORD, chain);
    }
    keys.init(store, PASSWORD);
    context.init(keys.getKeyManagers(), new TrustManager[] {trust}, null);
    return context;
  }

  private static X509ExtendedTrustManager trust(TestCa ca) throws GeneralSecurityException {
    KeyStore store = emptyStore();
    store.setCertificateEntry("root", ca.certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    return (X509ExtendedTrustManager) trust.getTrustManagers()[0];
  }

  private static KeyStore emptyStore() throws GeneralSecurityException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      return store;
    } catch (IOException e) {
      throw new GeneralSecurityException(e);
    }
  }
}
