package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.internal.tls.CertifiedHost;
import dev.tercet.internal.tls.ServerName;
import dev.tercet.tls.TlsTrust;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Asks a {@link TlsTrust} about the peer, as JSSE does: an extended trust manager decides about all
 * of it, the name included. A plain one knows no names, so the name is checked after it, by the
 * JDK's manager that is told to believe in nobody but this certificate, and the algorithms by
 * {@link JvmRules}. A name with an underscore is none to the JDK; {@link CertifiedHost} looks for
 * it.
 */
final class TrustCheck implements PeerCheck {
  private final TlsTrust trust;
  private final boolean isClient;
  private final boolean checksName;
  private final @Nullable ServerName name;
  private final StandInEngine engine;

  private TrustCheck(
      TlsTrust trust, boolean isClient, boolean checksName, @Nullable ServerName name) {
    this.trust = trust;
    this.isClient = isClient;
    this.checksName = checksName;
    this.name = name;
    this.engine = engine(isClient, checksName && name != null && !name.isUnknownToTheJdk(), name);
  }

  /** A client's check of the server. */
  static TrustCheck ofServer(TlsTrust trust, boolean checksName, @Nullable ServerName name) {
    return new TrustCheck(trust, true, checksName, name);
  }

  /** A server's check of the client. */
  static TrustCheck ofClient(TlsTrust trust) {
    return new TrustCheck(trust, false, false, null);
  }

  @Override
  public void check(X509Certificate[] chain, String keyType) throws CertificateException {
    checkTrust(chain, keyType);
    if (checksName && name != null && name.isUnknownToTheJdk()) {
      CertificateException why = CertifiedHost.complaint(chain[0], name);
      if (why != null) {
        throw why;
      }
    }
  }

  private void checkTrust(X509Certificate[] chain, String keyType) throws CertificateException {
    X509TrustManager manager = trust.trustManager();
    if (manager instanceof X509ExtendedTrustManager extended) {
      check(extended, chain, keyType);
    } else if (isClient) {
      manager.checkServerTrusted(chain, keyType);
      JvmRules.get().check(chain);
      if (checksName
          && TlsTrust.of(chain[0]).trustManager() instanceof X509ExtendedTrustManager m) {
        check(m, chain, keyType);
      }
    } else {
      manager.checkClientTrusted(chain, keyType);
      JvmRules.get().check(chain);
    }
  }

  private void check(X509ExtendedTrustManager manager, X509Certificate[] chain, String keyType)
      throws CertificateException {
    if (isClient) {
      manager.checkServerTrusted(chain, keyType, engine);
    } else {
      manager.checkClientTrusted(chain, keyType, engine);
    }
  }

  private static StandInEngine engine(
      boolean isClient, boolean checksName, @Nullable ServerName name) {
    String host = name == null ? null : name.host();
    List<SNIServerName> sni = name == null || name.sni() == null ? List.of() : List.of(name.sni());
    return new StandInEngine(host, new StandInSession(host, sni), isClient, checksName);
  }

  @Override
  public String toString() {
    return trust + (checksName && name != null ? " for " + name.host() : "");
  }
}
