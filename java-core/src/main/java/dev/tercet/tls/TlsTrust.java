package dev.tercet.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The authorities that one side of a TLS connection trusts.
 *
 * <p><i>Thread-safety:</i> immutable.
 */
public final class TlsTrust {
  private static final TlsTrust SYSTEM =
      new TlsTrust("system", new LateTrustManager(() -> trustManager(null)));

  private final String what;
  private final X509TrustManager trustManager;

  private TlsTrust(String what, X509TrustManager trustManager) {
    this.what = what;
    this.trustManager = trustManager;
  }

  /**
   * The authorities that come with the Java platform, or that {@code javax.net.ssl.trustStore}
   * names.
   *
   * @return the system's trust; read in the first handshake that needs it
   */
  public static TlsTrust system() {
    return SYSTEM;
  }

  /**
   * The authorities in PEM files: all certificates in them, and no others. OpenSSL's {@code TRUSTED
   * CERTIFICATE} is rejected, because its trust settings would be lost.
   *
   * @param files at least one, each with at least one certificate
   * @return trust in these
   * @throws IOException when a file cannot be read; the message has its name and the line
   */
  public static TlsTrust fromPem(Path... files) throws IOException {
    if (files.length == 0) {
      throw new IllegalArgumentException("no file was given");
    }
    List<X509Certificate> certificates = new ArrayList<>();
    for (Path file : files) {
      certificates.addAll(PemCertificates.read(file));
    }
    return of(certificates.toArray(X509Certificate[]::new));
  }

  /**
   * These authorities, and no others. A certificate of a non-authority, such as a self-signed one
   * of a server, is trusted itself. These certificates may have expired; those that they have
   * issued must be valid (spec TLS-M8).
   *
   * @param authorities at least one
   * @return trust in these
   */
  public static TlsTrust of(X509Certificate... authorities) {
    if (authorities.length == 0) {
      throw new IllegalArgumentException("trust in nobody: no certificate was given");
    }
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < authorities.length; i++) {
        store.setCertificateEntry("authority " + i, authorities[i]);
      }
      return new TlsTrust(authorities.length + " certificates", trustManager(store));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("these certificates cannot be trusted", e);
    }
  }

  /**
   * A custom trust manager. An {@link X509ExtendedTrustManager} must check the host name itself, as
   * in JSSE; for a plain one JSSE does it. With engines other than the JDK's the library also
   * checks the name (spec TLS-R-p).
   *
   * <p>It is called in the handshake and may block, but it must not wait for another handshake.
   * Streams on event loops share a few threads for computation, one less than there are processors
   * (spec TLS-R6). If waiting trust managers use them all, the handshake that they wait for cannot
   * run. The same holds for callbacks of the engines of an {@link javax.net.ssl.SSLContext} or a
   * {@link TlsEngineFactory} call: key managers, certificate checks.
   *
   * @param trustManager decides on trust
   * @return the trust of this manager
   */
  public static TlsTrust of(X509TrustManager trustManager) {
    return new TlsTrust("a trust manager", trustManager);
  }

  static TlsTrust anything() {
    return new TlsTrust("anything", new TrustAnything());
  }

  /**
   * The trust manager, for custom engines.
   *
   * @return an {@link javax.net.ssl.X509ExtendedTrustManager}, unless this was made from another
   *     one
   */
  public X509TrustManager trustManager() {
    return trustManager;
  }

  private static X509ExtendedTrustManager trustManager(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509ExtendedTrustManager extended) {
        return new ExplainingTrustManager(extended);
      }
    }
    throw new GeneralSecurityException(
        "the platform has no extended trust manager, which could check the name of a server");
  }

  @Override
  public String toString() {
    return "TlsTrust(" + what + ")";
  }

  /** It must be an extended one, or JSSE would check the name and the algorithms around it. */
  private static final class TrustAnything extends X509ExtendedTrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
