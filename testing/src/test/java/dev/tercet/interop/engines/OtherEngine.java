package dev.tercet.interop;

import dev.tercet.TlsEngineFactory;
import dev.tercet.TlsRole;
import dev.tercet.testing.TestCa;
import dev.tercet.testing.TestIdentity;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.jsse.provider.BouncyCastleJsseProvider;
import org.conscrypt.Conscrypt;
import org.jspecify.annotations.Nullable;

/** The engines there are, each through a factory as a user would write it. */
enum OtherEngine implements TlsEngineFactory {
  JDK {
    @Override
    SSLEngine make(TlsRole role, @Nullable String host, int port) throws GeneralSecurityException {
      return of(SERVER.sslContext(CA), host, port);
    }
  },

  BCJSSE {
    @Override
    SSLEngine make(TlsRole role, @Nullable String host, int port) throws GeneralSecurityException {
      return of(context(new BouncyCastleJsseProvider(), trust()), host, port);
    }
  },

  /** Its own kind of trust manager is of no use, and the JDK's does not know its word for 1.3. */
  CONSCRYPT {
    @Override
    SSLEngine make(TlsRole role, @Nullable String host, int port) throws GeneralSecurityException {
      return of(context(Conscrypt.newProvider(), new GenericAuth(trust())), host, port);
    }
  },

  /** Engines of native memory, which must be given back. */
  TCNATIVE {
    @Override
    SSLEngine make(TlsRole role, @Nullable String host, int port) throws SSLException {
      SslContextBuilder builder =
          role == TlsRole.SERVER
              ? SslContextBuilder.forServer(SERVER.key(), SERVER.chain())
              : SslContextBuilder.forClient().trustManager(CA.certificate());
      SslContext context = builder.sslProvider(SslProvider.OPENSSL_REFCNT).build();
      try {
        return host == null
            ? context.newEngine(ByteBufAllocator.DEFAULT)
            : context.newEngine(ByteBufAllocator.DEFAULT, host, port);
      } finally {
        ReferenceCountUtil.release(context);
      }
    }

    @Override
    public void release(SSLEngine engine) {
      ReferenceCountUtil.release(engine);
    }
  };

  static final TestCa CA = TestCa.create();
  static final String NAME = "server.test";
  private static final TestIdentity SERVER = CA.leaf(NAME, "127.0.0.1").issue();

  abstract SSLEngine make(TlsRole role, @Nullable String host, int port)
      throws GeneralSecurityException, SSLException;

  @Override
  public SSLEngine create(TlsRole role, @Nullable String host, int port) {
    try {
      return make(role, host, port);
    } catch (GeneralSecurityException | SSLException e) {
      throw new IllegalStateException("no engine of " + this, e);
    }
  }

  private static SSLEngine of(SSLContext context, @Nullable String host, int port) {
    return host == null ? context.createSSLEngine() : context.createSSLEngine(host, port);
  }

  private static SSLContext context(Provider provider, X509ExtendedTrustManager trust)
      throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS", provider);
    context.init(keys().getKeyManagers(), new TrustManager[] {trust}, null);
    return context;
  }

  private static KeyStore emptyStore() throws GeneralSecurityException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      return store;
    } catch (java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyManagerFactory keys() throws GeneralSecurityException {
    KeyStore store = emptyStore();
    Certificate[] chain = SERVER.chain().toArray(Certificate[]::new);
    store.setKeyEntry("server", SERVER.key(), new char[0], chain);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    return keys;
  }

  private static X509ExtendedTrustManager trust() throws GeneralSecurityException {
    KeyStore store = emptyStore();
    X509Certificate root = CA.certificate();
    store.setCertificateEntry("root", root);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    return (X509ExtendedTrustManager) trust.getTrustManagers()[0];
  }
}
