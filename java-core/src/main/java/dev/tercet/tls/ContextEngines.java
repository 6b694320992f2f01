package dev.tercet.tls;

import java.security.GeneralSecurityException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Engines of one {@link SSLContext}, which is made when the first engine is.
 *
 * <p>Whoever resumes a session skips the checks of the handshake that made it. So a session is
 * resumed only by a configuration that asks the same of the peer (spec TLS-S5). A copy that asks
 * something else gets engines {@linkplain #apart of its own}: of another context, or, where the
 * context is the user's and there is no other, with another port. By host and port clients find
 * their sessions; a server's context has one place for all, and there the session that was resumed
 * is checked (spec TLS-R-p).
 */
final class ContextEngines implements TlsEngineFactory {
  /** Ports have 16 bits. When all were given out the first come again: less is resumed apart. */
  private static final int PORTS = 0x10000;

  private static final AtomicInteger PORT = new AtomicInteger();

  private final ReentrantLock making = new ReentrantLock();
  private final Supplier<SSLContext> maker;
  private final boolean isGiven;
  private final int port;
  private volatile @Nullable SSLContext context;

  private ContextEngines(Supplier<SSLContext> maker, boolean isGiven, int port) {
    this.maker = maker;
    this.isGiven = isGiven;
    this.port = port;
  }

  static ContextEngines of(SSLContext context) {
    return new ContextEngines(() -> context, true, 0);
  }

  static ContextEngines of(@Nullable TlsIdentity identity, @Nullable TlsTrust trust) {
    return new ContextEngines(() -> make(identity, trust), false, 0);
  }

  /**
   * The engines of a copy that asks something else of its peers.
   *
   * @param engines of the original
   * @return the same engines with other sessions; a factory of the user's as it is
   */
  static TlsEngineFactory apart(TlsEngineFactory engines) {
    if (engines instanceof ContextEngines own) {
      return new ContextEngines(
          own.maker, own.isGiven, own.isGiven ? PORT.incrementAndGet() & (PORTS - 1) : 0);
    }
    return engines;
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
  public SSLEngine create(TlsRole role, @Nullable String host, int ofServer) {
    SSLContext ready = context();
    return host == null
        ? ready.createSSLEngine()
        : ready.createSSLEngine(host, ofServer == 0 ? port : ofServer);
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
