package dev.tercet.proto.tls;

import java.nio.ByteBuffer;

/**
 * Whether a side of a handshake encrypts by now, as far as its records show: then the peer takes no
 * alert in plaintext any more.
 *
 * <p>Not thread-safe; the caller holds the session lock.
 */
final class KeysInUse {
  private final boolean server;
  private final RecordScan sent = new RecordScan();
  private final RecordScan received = new RecordScan();

  KeysInUse(boolean server) {
    this.server = server;
  }

  /** Looks at what this side has put into a buffer, behind what was there. */
  void sent(ByteBuffer buffer, int from) {
    see(sent, buffer, from);
  }

  /** Looks at what the engine has read from a buffer. */
  void received(ByteBuffer buffer, int from) {
    see(received, buffer, from);
  }

  private static void see(RecordScan direction, ByteBuffer buffer, int from) {
    direction.see(buffer.duplicate().limit(buffer.position()).position(from));
  }

  boolean areSeen() {
    boolean retried = sent.hasRetry() || received.hasRetry();
    return sent.hasData()
        || received.hasData()
        || (!retried && (sent.hasChangedCipher() || (!server && received.hasChangedCipher())));
  }
}
