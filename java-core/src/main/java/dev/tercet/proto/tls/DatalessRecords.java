package dev.tercet.proto.tls;

/**
 * The limit for records that bring no data: key updates, tickets, warnings, empty records. Each
 * costs a decryption and some a new key, and a peer can send them by the thousand (spec TLS-L9).
 *
 * <p>Not thread-safe; the caller holds the session lock.
 */
final class DatalessRecords {
  /** In a row. BoringSSL has the same limit. */
  static final int MAX = 32;

  /**
   * So much data that is sent allows for one more: who sends for hours and receives nothing may
   * change its keys now and then, and the peer's answers are records without data.
   */
  private static final int FORGIVING_BYTES = 64 * 1024;

  private int inARow;
  private long all;

  /** Data that was sent and has not forgiven anything yet. */
  private int forgivingBytes;

  /**
   * Whether the first record counts, if it brings no data. In the handshake its messages are what
   * is wanted; the rest, and what is empty, is not.
   */
  static boolean counts(TlsInbox inbox, boolean handshaken) {
    return handshaken
        || inbox.recordBytes() == RecordHeader.BYTES
        || !(inbox.startsWith(RecordHeader.HANDSHAKE)
            || inbox.startsWith(RecordHeader.APPLICATION_DATA));
  }

  /** Counts one. Returns whether it was one too many. */
  boolean isOneTooMany() {
    all++;
    return ++inARow > MAX;
  }

  /** The row has ended: data has come, or the handshake is over. */
  void endRow() {
    inARow = 0;
  }

  /** Data was sent. */
  void forgive(int sentBytes) {
    forgivingBytes += sentBytes;
    inARow = Math.max(0, inARow - forgivingBytes / FORGIVING_BYTES);
    forgivingBytes %= FORGIVING_BYTES;
  }

  /** How many there were, ever. */
  long all() {
    return all;
  }
}
