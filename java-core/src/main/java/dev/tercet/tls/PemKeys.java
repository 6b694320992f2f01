package dev.tercet.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The private key of a PEM file.
 *
 * <p>The JDK reads PKCS#8 only, encrypted or not. The two older forms, RSA keys of PKCS#1 and
 * elliptic-curve keys of SEC 1, are what PKCS#8 has inside: a few bytes around them, which name the
 * kind of key, make one of the other.
 *
 * <p>What key factories and ciphers say about a key that they cannot read may quote it, so it is no
 * part of our errors, nor their cause.
 *
 * <p>Not read: OpenSSL's own encryption, with a header {@code Proc-Type}, whose key derivation is a
 * single MD5. The error says how to convert.
 */
final class PemKeys {
  private static final String PKCS8 = "PRIVATE KEY";
  private static final String ENCRYPTED_PKCS8 = "ENCRYPTED PRIVATE KEY";
  private static final String PKCS1 = "RSA PRIVATE KEY";
  private static final String SEC1 = "EC PRIVATE KEY";

  /** The kinds that TLS can use. A key factory refuses what is not of its kind. */
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS", "DSA");

  private static final byte SEQUENCE = 0x30;
  private static final byte OCTETS = 0x04;
  private static final int CURVE = 0xa0;

  /** INTEGER 0, the version of PKCS#8. */
  private static final byte[] VERSION = {0x02, 0x01, 0x00};

  /** OBJECT 1.2.840.113549.1.1.1 rsaEncryption, and NULL. */
  private static final byte[] RSA = {
    0x06,
    0x09,
    0x2a,
    (byte) 0x86,
    0x48,
    (byte) 0x86,
    (byte) 0xf7,
    0x0d,
    0x01,
    0x01,
    0x01,
    0x05,
    0x00
  };

  /** OBJECT 1.2.840.10045.2.1 ecPublicKey; the curve follows. */
  private static final byte[] EC = {
    0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01
  };

  private PemKeys() {}

  /** Reads the one private key of a file. The password is null for a key that has none. */
  static PrivateKey read(Path path, char @Nullable [] password) throws IOException {
    PemFile file = PemFile.read(path);
    List<PemFile.Block> keys = new ArrayList<>();
    for (PemFile.Block block : file.blocks()) {
      if (block.type().endsWith("PRIVATE KEY")) {
        keys.add(block);
      }
    }
    if (keys.isEmpty()) {
      throw new IOException(path + ": there is no private key in it");
    }
    if (keys.size() > 1) {
      throw file.error(keys.get(1), "a second private key; there must be one");
    }
    return key(file, keys.get(0), password);
  }

  private static PrivateKey key(PemFile file, PemFile.Block block, char @Nullable [] password)
      throws IOException {
    if (!block.headers().isEmpty()) {
      throw file.error(
          block,
          "this key has OpenSSL's old encryption, which is not supported;"
              + " convert it with: openssl pkcs8 -topk8 -in OLD -out NEW");
    }
    byte @Nullable [] pkcs8 =
        switch (block.type()) {
          case PKCS8 -> block.content();
          case PKCS1 -> wrap(RSA, block.content());
          case SEC1 -> wrapEcUntrusted(block.content());
          case ENCRYPTED_PKCS8 -> decryptUntrusted(file, block, password);
          default ->
              throw file.error(
                  block,
                  "this "
                      + block.shownType()
                      + " is not a kind of key that is read; convert it to PKCS#8");
        };
    PrivateKey key = pkcs8 == null ? null : read(pkcs8);
    if (key != null) {
      return key;
    }
    String unsupported = pkcs8 == null ? null : KeyAlgorithms.unsupportedUntrusted(pkcs8);
    throw file.error(
        block,
        unsupported == null
            ? "this is not a valid " + block.shownType()
            : "this platform does not support keys of the algorithm " + unsupported);
  }

  /** Null when none of the platform's key factories can: what they say may quote the key. */
  private static @Nullable PrivateKey read(byte[] pkcs8) {
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (InvalidKeySpecException | NoSuchAlgorithmException e) {
        // Another may; and not every platform has all of them.
      }
    }
    return null;
  }

  private static byte[] decryptUntrusted(
      PemFile file, PemFile.Block block, char @Nullable [] password) throws IOException {
    String name = KeyAlgorithms.encryptionUntrusted(block.content());
    if (name == null) {
      throw file.error(block, "this is not a valid " + ENCRYPTED_PKCS8);
    }
    if (password == null) {
      throw file.error(block, "the key is encrypted, and there is no password");
    }
    EncryptedPrivateKeyInfo encrypted;
    Cipher cipher;
    PBEKeySpec passwordSpec = new PBEKeySpec(password);
    try {
      encrypted = new EncryptedPrivateKeyInfo(block.content());
      String algorithm = algorithm(encrypted);
      cipher = Cipher.getInstance(algorithm);
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(algorithm).generateSecret(passwordSpec),
          encrypted.getAlgParameters());
    } catch (InvalidKeySpecException e) {
      throw file.error(block, "this platform takes no such password for " + name + "; use ASCII");
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      throw file.error(block, "this platform does not support keys that are encrypted by " + name);
    } finally {
      passwordSpec.clearPassword();
    }
    try {
      return encrypted.getKeySpec(cipher).getEncoded();
    } catch (InvalidKeySpecException | RuntimeException e) {
      throw file.error(block, "the password is wrong, or the key is damaged");
    }
  }

  /** PBES2 says in its parameters which ciphers it is made of; that is what the JDK calls it. */
  private static String algorithm(EncryptedPrivateKeyInfo encrypted) {
    String name = encrypted.getAlgName();
    return name.equals("PBES2") || name.startsWith("1.")
        ? encrypted.getAlgParameters().toString()
        : name;
  }

  private static byte[] wrap(byte[] algorithm, byte[] key) {
    return der(SEQUENCE, concat(VERSION, concat(der(SEQUENCE, algorithm), der(OCTETS, key))));
  }

  /** A key of SEC 1 is a sequence of version, key, and then [0] the curve. Null when it is none. */
  private static byte @Nullable [] wrapEcUntrusted(byte[] key) {
    try {
      Der outer = Der.of(key);
      Der parts = outer.enterUntrusted(Der.SEQUENCE);
      outer.requireEnd();
      parts.skipUntrusted(Der.INTEGER);
      parts.skipUntrusted(Der.OCTETS);
      return wrap(concat(EC, parts.contentUntrusted(CURVE)), key);
    } catch (Der.MalformedException e) {
      return null;
    }
  }

  private static byte[] der(byte tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    int length = content.length;
    if (length < 0x80) {
      out.write(length);
    } else if (length < 0x100) {
      out.write(0x81);
      out.write(length);
    } else {
      // A key of 64 KB has half a million bits.
      out.write(0x82);
      out.write(length >> 8);
      out.write(length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
