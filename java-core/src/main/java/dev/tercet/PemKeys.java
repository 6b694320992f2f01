package dev.tercet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
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
  private static final byte CURVE = (byte) 0xa0;

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
      throw file.error(keys.get(1), "a second private key; there must be one", null);
    }
    return key(file, keys.get(0), password);
  }

  private static PrivateKey key(PemFile file, PemFile.Block block, char @Nullable [] password)
      throws IOException {
    if (!block.headers().isEmpty()) {
      throw file.error(
          block,
          "this key has OpenSSL's old encryption, which is not supported;"
              + " convert it with: openssl pkcs8 -topk8 -in OLD -out NEW",
          null);
    }
    try {
      return switch (block.type()) {
        case PKCS8 -> key(new PKCS8EncodedKeySpec(block.content()));
        case PKCS1 -> key(wrap(RSA, block.content()));
        case SEC1 -> key(wrap(concat(EC, curveUntrusted(block.content())), block.content()));
        case ENCRYPTED_PKCS8 -> key(decrypt(file, block, password));
        default ->
            throw file.error(
                block, "a " + block.type() + " is not a kind of key that is known", null);
      };
    } catch (InvalidKeySpecException | IndexOutOfBoundsException e) {
      throw file.error(block, "this is not a valid " + block.type(), e);
    }
  }

  private static PrivateKey key(PKCS8EncodedKeySpec spec) throws InvalidKeySpecException {
    InvalidKeySpecException refused = new InvalidKeySpecException("none of " + ALGORITHMS);
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        refused.addSuppressed(e);
      } catch (NoSuchAlgorithmException e) {
        // Not every platform has all of them.
      }
    }
    throw refused;
  }

  private static PKCS8EncodedKeySpec decrypt(
      PemFile file, PemFile.Block block, char @Nullable [] password) throws IOException {
    if (password == null) {
      throw file.error(block, "the key is encrypted, and there is no password", null);
    }
    EncryptedPrivateKeyInfo encrypted;
    String algorithm;
    try {
      encrypted = new EncryptedPrivateKeyInfo(block.content());
      // PBES2 says in its parameters which ciphers it is made of; that is what the JDK calls it.
      algorithm =
          encrypted.getAlgName().equals("PBES2") || encrypted.getAlgName().startsWith("1.")
              ? encrypted.getAlgParameters().toString()
              : encrypted.getAlgName();
    } catch (IOException | RuntimeException e) {
      throw file.error(block, "this is not a valid " + ENCRYPTED_PKCS8, e);
    }
    PBEKeySpec passwordSpec = new PBEKeySpec(password);
    try {
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(algorithm).generateSecret(passwordSpec),
          encrypted.getAlgParameters());
      return encrypted.getKeySpec(cipher);
    } catch (InvalidKeySpecException | InvalidKeyException e) {
      throw file.error(block, "the password is wrong, or the key is damaged", e);
    } catch (NoSuchAlgorithmException e) {
      throw file.error(block, "this platform cannot decrypt " + algorithm, e);
    } catch (GeneralSecurityException e) {
      throw file.error(block, "the key cannot be decrypted", e);
    } finally {
      passwordSpec.clearPassword();
    }
  }

  private static PKCS8EncodedKeySpec wrap(byte[] algorithm, byte[] key) {
    return new PKCS8EncodedKeySpec(
        der(SEQUENCE, concat(VERSION, concat(der(SEQUENCE, algorithm), der(OCTETS, key)))));
  }

  /** The name of the curve out of a key of SEC 1: SEQUENCE, version, key, and then [0] curve. */
  private static byte[] curveUntrusted(byte[] key) throws InvalidKeySpecException {
    int at = contentAt(key, 0);
    for (int skipped = 0; skipped < 2; skipped++) {
      at = contentAt(key, at) + lengthAt(key, at);
    }
    if (key[at] != CURVE) {
      throw new InvalidKeySpecException("the key does not name its curve");
    }
    int start = contentAt(key, at);
    return Arrays.copyOfRange(key, start, start + lengthAt(key, at));
  }

  /** Where the content of the element at an index begins. */
  private static int contentAt(byte[] der, int index) {
    int first = der[index + 1] & 0xff;
    return index + 2 + (first < 0x80 ? 0 : first & 0x7f);
  }

  /** Version, key and name of the curve are all shorter than 128 bytes. */
  private static int lengthAt(byte[] der, int index) throws InvalidKeySpecException {
    int length = der[index + 1];
    if (length < 0) {
      throw new InvalidKeySpecException("an element is longer than any of such a key");
    }
    return length;
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
