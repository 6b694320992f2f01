package dev.tercet.internal.dtls.bouncycastle;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bouncycastle.tls.CipherSuite;

/**
 * The cipher suites of DTLS 1.2 that are spoken: forward secret, AEAD. Few, since a client's hello
 * has to fit into one datagram of the smallest MTU that is used. None with ChaCha20: Bouncy Castle
 * asks for it by a name that the JVM's providers do not know.
 */
final class Suites {
  private static final int[] EC = {
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
  };
  private static final int[] RSA = {
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
  };

  /** Bouncy Castle has numbers only. */
  private static final Map<Integer, String> NAMES = new TreeMap<>();

  static {
    String[] ciphers = {
      "AES_128_GCM_SHA256", "AES_256_GCM_SHA384",
    };
    for (int i = 0; i < ciphers.length; i++) {
      NAMES.put(EC[i], "TLS_ECDHE_ECDSA_WITH_" + ciphers[i]);
      NAMES.put(RSA[i], "TLS_ECDHE_RSA_WITH_" + ciphers[i]);
    }
  }

  private Suites() {}

  /** All, the preferred one first: for each cipher, EC before RSA. */
  static int[] all() {
    return IntStream.range(0, EC.length).flatMap(i -> IntStream.of(EC[i], RSA[i])).toArray();
  }

  /** Whether the server of a suite signs with an EC key. */
  static boolean isEc(int suite) {
    return IntStream.of(EC).anyMatch(each -> each == suite);
  }

  /** Its name in the standards. */
  static String name(int suite) {
    return NAMES.getOrDefault(suite, "0x" + Integer.toHexString(suite));
  }

  /** The names of all. */
  static String[] names() {
    return IntStream.of(all()).mapToObj(Suites::name).toArray(String[]::new);
  }
}
