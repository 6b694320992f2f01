package dev.tercet;

import java.net.Socket;
import java.security.Principal;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Says, when a certificate is refused, what was expected and what was found. The decision is that
 * of the trust manager below, name check included; it only tells why, and not about what.
 */
final class ExplainingTrustManager extends X509ExtendedTrustManager {
  /** The names in a certificate are the peer's to choose: no error is longer for it than this. */
  private static final int MAX_NAMES = 10;

  private static final int MAX_NAME_LENGTH = 100;
  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;

  private final X509ExtendedTrustManager below;

  ExplainingTrustManager(X509ExtendedTrustManager below) {
    this.below = below;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    try {
      below.checkServerTrusted(chain, authType, engine);
    } catch (CertificateException e) {
      boolean named = engine.getSSLParameters().getEndpointIdentificationAlgorithm() != null;
      throw explained(chain, named ? engine.getPeerHost() : null, e);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    try {
      below.checkClientTrusted(chain, authType, engine);
    } catch (CertificateException e) {
      throw explained(chain, null, e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    below.checkServerTrusted(chain, authType, socket);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    below.checkClientTrusted(chain, authType, socket);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    below.checkServerTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    below.checkClientTrusted(chain, authType);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return below.getAcceptedIssuers();
  }

  private static CertificateException explained(
      X509Certificate[] chain, @Nullable String host, CertificateException e) {
    if (chain.length == 0) {
      return e;
    }
    X509Certificate leaf = chain[0];
    return new CertificateException(
        e.getMessage()
            + " ("
            + (host == null ? "" : "expected: " + host + "; ")
            + "found: "
            + names(leaf)
            + ", issued by "
            + shown(leaf.getIssuerX500Principal())
            + ", valid from "
            + day(leaf.getNotBefore().toInstant())
            + " to "
            + day(leaf.getNotAfter().toInstant())
            + ")",
        e);
  }

  private static String names(X509Certificate certificate) {
    List<String> names = new ArrayList<>();
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> name : alternatives) {
          if (name.get(0).equals(DNS_NAME) || name.get(0).equals(IP_ADDRESS)) {
            names.add(shown(name.get(1)));
          }
        }
      }
    } catch (CertificateParsingException e) {
      return "names that cannot be read";
    }
    if (names.isEmpty()) {
      return shown(certificate.getSubjectX500Principal()) + " without a DNS name or address";
    }
    int more = names.size() - MAX_NAMES;
    return String.join(", ", names.subList(0, Math.min(names.size(), MAX_NAMES)))
        + (more > 0 ? " and " + more + " more" : "");
  }

  private static String shown(Object name) {
    String text = name instanceof Principal principal ? principal.getName() : String.valueOf(name);
    StringBuilder shown = new StringBuilder();
    text.chars()
        .limit(MAX_NAME_LENGTH)
        .forEach(c -> shown.append(Character.isISOControl(c) ? '?' : (char) c));
    return text.length() > MAX_NAME_LENGTH ? shown + "..." : shown.toString();
  }

  private static String day(Instant time) {
    return time.atOffset(ZoneOffset.UTC).toLocalDate().toString();
  }
}
