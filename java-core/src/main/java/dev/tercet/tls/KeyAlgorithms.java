package dev.tercet.tls;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.spec.ECGenParameterSpec;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the algorithms of keys are called which this platform cannot read: so that a key that is
 * valid is not called damaged.
 */
final class KeyAlgorithms {
  private static final String EC = "1.2.840.10045.2.1";
  private static final String PBES2 = "1.2.840.113549.1.5.13";
  private static final String PBKDF2 = "1.2.840.113549.1.5.12";

  /** RSA, RSASSA-PSS, DSA, Ed25519, Ed448: every platform of ours reads those that are valid. */
  private static final Set<String> READ =
      Set.of(
          EC,
          "1.2.840.113549.1.1.1",
          "1.2.840.113549.1.1.10",
          "1.2.840.10040.4.1",
          "1.3.101.112",
          "1.3.101.113");

  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry(EC, "EC"),
          Map.entry("1.3.101.110", "X25519"),
          Map.entry("1.3.101.111", "X448"),
          Map.entry("1.2.840.113549.1.3.1", "DH"),
          Map.entry("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
          Map.entry("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
          Map.entry("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
          Map.entry("1.2.643.7.1.1.1.1", "GOST R 34.10-2012 with 256 bits"),
          Map.entry("1.2.643.7.1.1.1.2", "GOST R 34.10-2012 with 512 bits"),
          Map.entry("1.3.132.0.10", "secp256k1"),
          Map.entry("1.2.156.10197.1.301", "SM2"),
          Map.entry("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
          Map.entry("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
          Map.entry("1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1"),
          Map.entry(PBES2, "PBES2"),
          Map.entry(PBKDF2, "PBKDF2"),
          Map.entry("1.3.6.1.4.1.11591.4.11", "scrypt"),
          Map.entry("2.16.840.1.101.3.4.1.2", "AES-128-CBC"),
          Map.entry("2.16.840.1.101.3.4.1.6", "AES-128-GCM"),
          Map.entry("2.16.840.1.101.3.4.1.22", "AES-192-CBC"),
          Map.entry("2.16.840.1.101.3.4.1.26", "AES-192-GCM"),
          Map.entry("2.16.840.1.101.3.4.1.42", "AES-256-CBC"),
          Map.entry("2.16.840.1.101.3.4.1.46", "AES-256-GCM"),
          Map.entry("1.2.840.113549.3.7", "DES-EDE3-CBC"),
          Map.entry("1.2.840.113549.3.2", "RC2-CBC"),
          Map.entry("1.3.14.3.2.7", "DES-CBC"),
          Map.entry("1.2.392.200011.61.1.1.1.2", "Camellia-128-CBC"),
          Map.entry("1.2.392.200011.61.1.1.1.3", "Camellia-192-CBC"),
          Map.entry("1.2.392.200011.61.1.1.1.4", "Camellia-256-CBC"),
          Map.entry("1.2.410.200046.1.1.2", "ARIA-128-CBC"),
          Map.entry("1.2.410.200046.1.1.7", "ARIA-192-CBC"),
          Map.entry("1.2.410.200046.1.1.12", "ARIA-256-CBC"),
          Map.entry("1.2.156.10197.1.104.2", "SM4-CBC"),
          Map.entry("1.2.840.113549.1.5.1", "PBEWithMD2AndDES"),
          Map.entry("1.2.840.113549.1.5.3", "PBEWithMD5AndDES"),
          Map.entry("1.2.840.113549.1.5.4", "PBEWithMD2AndRC2"),
          Map.entry("1.2.840.113549.1.5.6", "PBEWithMD5AndRC2"),
          Map.entry("1.2.840.113549.1.5.10", "PBEWithSHA1AndDES"),
          Map.entry("1.2.840.113549.1.5.11", "PBEWithSHA1AndRC2"),
          Map.entry("1.2.840.113549.1.12.1.1", "PBEWithSHA1AndRC4_128"),
          Map.entry("1.2.840.113549.1.12.1.2", "PBEWithSHA1AndRC4_40"),
          Map.entry("1.2.840.113549.1.12.1.3", "PBEWithSHA1AndDESede"),
          Map.entry("1.2.840.113549.1.12.1.4", "PBEWithSHA1And2KeyDESede"),
          Map.entry("1.2.840.113549.1.12.1.5", "PBEWithSHA1AndRC2_128"),
          Map.entry("1.2.840.113549.1.12.1.6", "PBEWithSHA1AndRC2_40"));

  private KeyAlgorithms() {}

  /**
   * What a key is that no key factory has read.
   *
   * @param pkcs8 PrivateKeyInfo (RFC 5958)
   * @return the algorithm, if it is one that the platform does not have; null when the key is
   *     damaged
   */
  static @Nullable String unsupportedUntrusted(byte[] pkcs8) {
    try {
      Der outer = Der.of(pkcs8);
      Der key = outer.enterUntrusted(Der.SEQUENCE);
      outer.requireEnd();
      key.skipUntrusted(Der.INTEGER);
      Der algorithm = key.enterUntrusted(Der.SEQUENCE);
      key.skipUntrusted(Der.OCTETS);
      String name = algorithm.objectUntrusted();
      if (!READ.contains(name)) {
        return named(name);
      }
      if (!name.equals(EC)) {
        return null;
      }
      if (algorithm.tag() != Der.OBJECT) {
        return "EC with a curve that has no name";
      }
      String curve = algorithm.objectUntrusted();
      return hasCurve(curve) ? null : "EC with the curve " + named(curve);
    } catch (Der.MalformedException e) {
      return null;
    }
  }

  /**
   * What a key is encrypted with.
   *
   * @param key EncryptedPrivateKeyInfo (RFC 5958)
   * @return the algorithm; null when the key is damaged
   */
  static @Nullable String encryptionUntrusted(byte[] key) {
    try {
      Der outer = Der.of(key);
      Der info = outer.enterUntrusted(Der.SEQUENCE);
      outer.requireEnd();
      Der algorithm = info.enterUntrusted(Der.SEQUENCE);
      info.skipUntrusted(Der.OCTETS);
      info.requireEnd();
      String name = algorithm.objectUntrusted();
      if (!name.equals(PBES2)) {
        return named(name);
      }
      Der parts = algorithm.enterUntrusted(Der.SEQUENCE);
      String derivation = parts.enterUntrusted(Der.SEQUENCE).objectUntrusted();
      String cipher = parts.enterUntrusted(Der.SEQUENCE).objectUntrusted();
      parts.requireEnd();
      return "PBES2 with " + named(derivation) + " and " + named(cipher);
    } catch (Der.MalformedException e) {
      return null;
    }
  }

  private static boolean hasCurve(String name) {
    try {
      AlgorithmParameters.getInstance("EC").init(new ECGenParameterSpec(name));
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static String named(String object) {
    return NAMES.getOrDefault(object, object);
  }
}
