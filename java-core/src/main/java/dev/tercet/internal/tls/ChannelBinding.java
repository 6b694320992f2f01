package dev.tercet.internal.tls;

import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsRole;
import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.security.spec.PSSParameterSpec;
import java.util.List;
import java.util.Locale;

/**
 * The channel binding {@code tls-server-end-point} (RFC 5929, section 4): a hash of the server's
 * certificate, with which a protocol inside can prove that both ends talk through the same TLS
 * session. The hash is that of the certificate's signature, but never MD5 or SHA-1.
 *
 * <p>The other kinds need secrets of the session, which engines in JDK 17 keep to themselves.
 */
final class ChannelBinding {
  static final String SERVER_END_POINT = "tls-server-end-point";

  private ChannelBinding() {}

  static byte[] of(String type, TlsInfo info, TlsRole role) {
    if (!type.equals(SERVER_END_POINT)) {
      throw new UnsupportedOperationException(
          "the channel binding \"" + type + "\" is not supported; " + SERVER_END_POINT + " is");
    }
    List<X509Certificate> server =
        role == TlsRole.SERVER ? info.localCertificates() : info.peerCertificates();
    if (server.isEmpty()) {
      throw new UnsupportedOperationException("the server has no certificate to bind to");
    }
    X509Certificate certificate = server.get(0);
    try {
      return MessageDigest.getInstance(hash(certificate)).digest(certificate.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new UnsupportedOperationException(
          "the certificate's signature " + certificate.getSigAlgName() + " has no hash to use", e);
    }
  }

  private static String hash(X509Certificate certificate) throws GeneralSecurityException {
    String name = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
    String hash;
    if (name.equals("RSASSA-PSS")) {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
      try {
        parameters.init(certificate.getSigAlgParams());
      } catch (IOException e) {
        throw new GeneralSecurityException(e);
      }
      hash = parameters.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm();
    } else {
      int with = name.indexOf("WITH");
      hash = with < 0 ? name : name.substring(0, with);
    }
    return switch (hash) {
      case "MD5", "SHA", "SHA1", "SHA-1" -> "SHA-256";
      case "SHA224", "SHA256", "SHA384", "SHA512" -> "SHA-" + hash.substring(3);
      default -> hash;
    };
  }
}
