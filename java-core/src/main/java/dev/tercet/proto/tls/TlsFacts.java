package dev.tercet.proto.tls;

import dev.tercet.tls.TlsInfo;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The facts of a session, read once when the handshake ends. Later the engine's getters may wait
 * for a computation that holds the engine's lock, and its session object may change (spec TLS-J9).
 */
final class TlsFacts {
  private static final long SECOND_MILLIS = 1000;

  private TlsFacts() {}

  /**
   * Reads the facts.
   *
   * @param startedMillis the wall-clock time at which it began; a session that is older was
   *     resumed, and there is no other way to tell (spec TLS-J8)
   */
  static TlsInfo of(SSLEngine engine, long startedMillis) {
    SSLSession session = engine.getSession();
    return new TlsInfo(
        session.getProtocol(),
        session.getCipherSuite(),
        alpn(engine),
        peerCertificates(session),
        x509(session.getLocalCertificates()),
        isOlder(session.getCreationTime(), startedMillis, isJdk(engine)));
  }

  /**
   * Some engines know only the second in which a session was made: of such a one that is resumed in
   * the same second, it cannot be told that it is old. The JDK's knows the millisecond, and one in
   * a thousand of its sessions is made in the first of a second.
   */
  static boolean isOlder(long createdMillis, long startedMillis, boolean isExact) {
    long unit = !isExact && createdMillis % SECOND_MILLIS == 0 ? SECOND_MILLIS : 1;
    return createdMillis / unit < startedMillis / unit;
  }

  private static boolean isJdk(SSLEngine engine) {
    return engine.getClass().getName().startsWith("sun.security.ssl.");
  }

  static List<X509Certificate> peerCertificates(SSLSession session) {
    try {
      return x509(session.getPeerCertificates());
    } catch (SSLPeerUnverifiedException e) {
      // The engine's way to say that there are none (spec TLS-J4).
      return List.of();
    }
  }

  /** None is an empty text with some engines and null with others. */
  private static @Nullable String alpn(SSLEngine engine) {
    try {
      String protocol = engine.getApplicationProtocol();
      return protocol == null || protocol.isEmpty() ? null : protocol;
    } catch (UnsupportedOperationException e) {
      return null;
    }
  }

  private static List<X509Certificate> x509(Certificate @Nullable [] certificates) {
    List<X509Certificate> list = new ArrayList<>();
    if (certificates != null) {
      for (Certificate certificate : certificates) {
        if (certificate instanceof X509Certificate x509) {
          list.add(x509);
        }
      }
    }
    return List.copyOf(list);
  }
}
