package dev.tercet.internal.dtls.bouncycastle;

/** Whether Bouncy Castle is there: only DTLS needs it, so it is an optional dependency. */
final class BouncyCastle {
  private static final boolean IS_PRESENT = isPresent(BouncyCastle.class.getClassLoader());

  private BouncyCastle() {}

  /** Says what is missing. */
  static void require() {
    if (!IS_PRESENT) {
      throw missing();
    }
  }

  /** Whether a loader finds it. */
  static boolean isPresent(ClassLoader loader) {
    try {
      Class.forName("org.bouncycastle.tls.DTLSClientProtocol", false, loader);
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** The error for users. */
  static IllegalStateException missing() {
    return new IllegalStateException(
        "DTLS needs Bouncy Castle: add org.bouncycastle:bctls-jdk18on (1.84 or later) to the"
            + " dependencies, and on the module path the module org.bouncycastle.tls");
  }
}
