package dev.tercet.proto.tls;

import java.nio.ByteBuffer;

/**
 * Which records have gone by in one direction, until keys are in use. The headers are in clear in
 * all versions of TLS, and so is everything before the keys; so this is seen from outside of the
 * engine.
 *
 * <p>A ChangeCipherSpec means keys in TLS 1.2. In TLS 1.3 it means nothing, and may come behind a
 * HelloRetryRequest, long before the keys; but there, records that are protected say so by their
 * type (RFC 8446, section 5.2 and appendix D.4).
 *
 * <p>Records may come in pieces, and several at a time.
 */
final class RecordScan {
  private static final int SERVER_HELLO = 2;

  /** Behind the type and length of the message and the version. */
  private static final int RANDOM_AT = RecordHeader.BYTES + 6;

  /** How the random of a HelloRetryRequest begins (RFC 8446, section 4.1.3). */
  private static final int RETRY = 0xcf21ad74;

  /** The first bytes of the record that is going by. */
  private final ByteBuffer head = ByteBuffer.allocate(RANDOM_AT + Integer.BYTES);

  /** How much of that record is still to come. */
  private int restBytes;

  private boolean changedCipher;
  private boolean retry;
  private boolean data;

  /** Looks at bytes, which are taken out of the buffer. */
  void see(ByteBuffer rest) {
    while (rest.hasRemaining() && !data) {
      if (head.position() < RecordHeader.BYTES) {
        head.put(rest.get());
        if (head.position() == RecordHeader.BYTES) {
          restBytes = RecordHeader.length(head.get(3), head.get(4));
        }
      } else {
        int some = Math.min(restBytes, rest.remaining());
        int kept = Math.min(some, head.remaining());
        head.put(rest.duplicate().limit(rest.position() + kept));
        rest.position(rest.position() + some);
        restBytes -= some;
      }
      if (head.position() >= RecordHeader.BYTES && restBytes == 0) {
        note();
        head.clear();
      }
    }
  }

  private void note() {
    int type = head.get(0);
    changedCipher |= type == RecordHeader.CHANGE_CIPHER_SPEC;
    data |= type == RecordHeader.APPLICATION_DATA;
    retry |=
        type == RecordHeader.HANDSHAKE
            && !head.hasRemaining()
            && head.get(RecordHeader.BYTES) == SERVER_HELLO
            && head.getInt(RANDOM_AT) == RETRY;
  }

  /** Whether one side has said that it encrypts from now on, if it is a session of TLS 1.2. */
  boolean hasChangedCipher() {
    return changedCipher;
  }

  /** Whether a server has asked for another ClientHello. */
  boolean hasRetry() {
    return retry;
  }

  /** Whether there was a record that can only be encrypted. */
  boolean hasData() {
    return data;
  }
}
