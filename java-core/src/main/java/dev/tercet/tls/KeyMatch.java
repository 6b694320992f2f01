package dev.tercet.tls;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;

/** Whether a private key belongs to a public one: it signs, and the other verifies. */
final class KeyMatch {
  private static final String PSS = "RSASSA-PSS";

  /** For keys that do not say with which parameters they sign. */
  private static final PSSParameterSpec PSS_PARAMETERS =
      new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1);

  private KeyMatch() {}

  /** A kind of key that cannot be tried so, because nothing signs with it, is taken on trust. */
  static boolean belongs(PrivateKey key, PublicKey certified) {
    Signature signature;
    try {
      signature = Signature.getInstance(signatureOf(key));
    } catch (NoSuchAlgorithmException e) {
      return true;
    }
    try {
      byte[] message = {1, 2, 3};
      if (signature.getAlgorithm().equals(PSS)) {
        signature.setParameter(parameters(key, certified));
      }
      signature.initSign(key);
      signature.update(message);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(message);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static String signatureOf(PrivateKey key) {
    return switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      case "EdDSA", "Ed25519", "Ed448" -> "EdDSA";
      case "DSA" -> "SHA256withDSA";
      default -> key.getAlgorithm();
    };
  }

  /** Those that one of the keys demands (RFC 4055, section 1.2). */
  private static AlgorithmParameterSpec parameters(Key... keys) {
    for (Key key : keys) {
      if (key instanceof RSAKey rsa && rsa.getParams() != null) {
        return rsa.getParams();
      }
    }
    return PSS_PARAMETERS;
  }
}
