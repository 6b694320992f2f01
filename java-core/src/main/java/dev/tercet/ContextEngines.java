package dev.tercet;

import java.security.GeneralSecurityException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Engines of one {@link SSLContext}, which is made when the first engine is. Copies of a
 * configuration share it, since sessions are resumed within one context only.
 */
final class ContextEngines implements TlsEngineFactory {
  private final ReentrantLock making = new ReentrantLock();
  private final Supplier<SSLContext> maker;
  private volatile @Nullable SSLContext context;

  private ContextEngines(Supplier<SSLContext> maker) {
    this.maker = maker;
  }

  static ContextEngines of(SSLContext context) {
    return new ContextEngines(() -> context);
  }

  static ContextEngines of(@Nullable TlsIdentity identity, @Nullable TlsTrust trust) {
    return new ContextEngines(() -> make(identity, trust));
  }

  private static SSLContext make(@Nullable TlsIdentity identity, @Nullable TlsTrust trust) {
    try {
      SSLContext made = SSLContext.getInstance("TLS");
      made.init(
          identity == null ? null : new KeyManager[] {identity.keyManager()},
          // Null would stand for the system's trust. A server that asks nobody trusts nobody.
          trust == null ? new TrustManager[0] : new TrustManager[] {trust.trustManager()},
          null);
      return made;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this platform has no TLS", e);
    }
  }

  @Override
  public SSLEngine create(TlsRole role, @Nullable String host, int port) {
    SSLContext ready = context();
    return host == null ? ready.createSSLEngine() : ready.createSSLEngine(host, port);
  }

  private SSLContext context() {
    SSLContext ready = context;
    if (ready == null) {
      making.lock();
      try {
        ready = context;
        if (ready == null) {
          ready = maker.get();
          context = ready;
        }
      } finally {
        making.unlock();
      }
    }
    return ready;
  }
}
