package dev.tercet.tls;

import dev.tercet.internal.text.CertificateText;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among several keys (spec TLS-T4).
 *
 * <p><b>The problem.</b> The JDK's key manager "PKIX" chooses by the name that a client asks for,
 * by validity, purpose, issuers and the algorithms that the peer knows, but only among the keys of
 * one kind, and the engine asks kind by kind: where the first kind has a certificate for another
 * name, that one is served, although a key of the next kind has the right one.
 *
 * <p><b>The strategy.</b> The manager below chooses. If its choice is for another name, or out of
 * its time, and a key of another kind that the client can verify is better, there is none of this
 * kind. The engine then asks for the next.
 */
final class NamedKeyManager extends X509ExtendedKeyManager {
  private final X509ExtendedKeyManager below;
  private final List<X509Certificate> all;

  /** How well a certificate fits, the best first: as the JDK ranks them. */
  private enum Fit {
    RIGHT,
    OTHER_NAME,
    OUT_OF_TIME
  }

  /**
   * Makes one.
   *
   * @param below chooses among the keys of one kind
   * @param all the own certificates of all keys
   */
  NamedKeyManager(X509ExtendedKeyManager below, List<X509Certificate> all) {
    this.below = below;
    this.all = List.copyOf(all);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    String alias = below.chooseEngineServerAlias(keyType, issuers, engine);
    X509Certificate[] chain = alias == null ? null : below.getCertificateChain(alias);
    SSLSession session = engine == null ? null : engine.getHandshakeSession();
    if (chain == null || !(session instanceof ExtendedSSLSession handshake)) {
      return alias;
    }
    List<String> names = names(handshake);
    Fit fit = fit(chain[0], names);
    for (X509Certificate other : all) {
      if (fit(other, names).compareTo(fit) < 0
          && !kind(other).equals(kind(chain[0]))
          && isKnown(kind(other), handshake)) {
        return null;
      }
    }
    return alias;
  }

  private static List<String> names(ExtendedSSLSession handshake) {
    List<String> names = new ArrayList<>();
    for (SNIServerName name : handshake.getRequestedServerNames()) {
      if (name.getType() == StandardConstants.SNI_HOST_NAME) {
        names.add(
            new String(name.getEncoded(), StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT));
      }
    }
    return names;
  }

  private static Fit fit(X509Certificate certificate, List<String> names) {
    try {
      certificate.checkValidity();
    } catch (CertificateExpiredException | CertificateNotYetValidException e) {
      return Fit.OUT_OF_TIME;
    }
    return names.stream().allMatch(name -> CertificateText.isForName(certificate, name))
        ? Fit.RIGHT
        : Fit.OTHER_NAME;
  }

  private static String kind(X509Certificate certificate) {
    return certificate.getPublicKey().getAlgorithm();
  }

  /**
   * Whether the client verifies signatures of a kind of key; it is believed to, if it says nothing.
   */
  private static boolean isKnown(String kind, ExtendedSSLSession handshake) {
    String[] verified = handshake.getPeerSupportedSignatureAlgorithms();
    if (verified == null || verified.length == 0) {
      return true;
    }
    String wanted = kind.equals("EC") ? "ECDSA" : kind;
    for (String each : verified) {
      String signature = each.toUpperCase(Locale.ROOT);
      if (signature.endsWith("WITH" + wanted)
          || signature.equals(wanted)
          || (wanted.equals("RSA") && signature.equals("RSASSA-PSS"))
          || (kind.equals("EdDSA") && signature.startsWith("ED"))) {
        return true;
      }
    }
    return false;
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return below.chooseEngineClientAlias(keyTypes, issuers, engine);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return below.chooseServerAlias(keyType, issuers, socket);
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return below.chooseClientAlias(keyTypes, issuers, socket);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return below.getServerAliases(keyType, issuers);
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return below.getClientAliases(keyType, issuers);
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(String alias) {
    return below.getCertificateChain(alias);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return below.getPrivateKey(alias);
  }
}
