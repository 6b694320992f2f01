package dev.tercet.testing.certificates;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/** The kind of key that a test certificate has. */
public enum TestKeyType {
  /** On the curve P-256: the quickest. */
  EC("EC", "SHA256withECDSA"),
  /** RSA of 2048 bits: the most common. */
  RSA("RSA", "SHA256withRSA"),
  /** Ed25519: not every peer has it. */
  ED25519("Ed25519", "Ed25519");

  private static final int RSA_BITS = 2048;
  private final String algorithm;
  private final String signature;

  TestKeyType(String algorithm, String signature) {
    this.algorithm = algorithm;
    this.signature = signature;
  }

  KeyPair generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      if (this == EC) {
        generator.initialize(new ECGenParameterSpec("secp256r1"));
      } else if (this == RSA) {
        generator.initialize(RSA_BITS);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this platform has no keys of kind " + this, e);
    }
  }

  static String signatureFor(String keyAlgorithm) {
    for (TestKeyType type : values()) {
      if (type.algorithm.equals(keyAlgorithm)) {
        return type.signature;
      }
    }
    return ED25519.signature;
  }
}
