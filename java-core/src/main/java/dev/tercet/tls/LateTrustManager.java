package dev.tercet.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A trust manager that is made when it is asked first.
 *
 * <p>Reading the system's authorities takes a while: a file with more than a hundred certificates.
 * An engine is made where a stream is wrapped, which may be the thread of an event loop; it asks
 * its trust manager in the handshake's computations, which are not run there. So the file is read
 * there too, once.
 *
 * <p>If it cannot be read, no certificate is believed, and the next handshake tries again.
 */
final class LateTrustManager extends X509ExtendedTrustManager {
  private final ReentrantLock making = new ReentrantLock();
  private final Callable<X509ExtendedTrustManager> maker;
  private volatile @Nullable X509ExtendedTrustManager made;

  LateTrustManager(Callable<X509ExtendedTrustManager> maker) {
    this.maker = maker;
  }

  private X509ExtendedTrustManager ready() throws CertificateException {
    X509ExtendedTrustManager ready = made;
    if (ready == null) {
      making.lock();
      try {
        ready = made;
        if (ready == null) {
          ready = maker.call();
          made = ready;
        }
      } catch (Exception e) {
        throw new CertificateException("the authorities to trust cannot be read: " + e, e);
      } finally {
        making.unlock();
      }
    }
    return ready;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    ready().checkServerTrusted(chain, authType, engine);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    ready().checkClientTrusted(chain, authType, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    ready().checkServerTrusted(chain, authType, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    ready().checkClientTrusted(chain, authType, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    ready().checkServerTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    ready().checkClientTrusted(chain, authType);
  }

  /** A server sends them to its clients; if they cannot be read, it sends none. */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    try {
      return ready().getAcceptedIssuers();
    } catch (CertificateException e) {
      return new X509Certificate[0];
    }
  }
}
