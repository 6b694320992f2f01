package dev.tercet.proto.dtls;

import dev.tercet.tls.DtlsInfo;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a session: seals and opens records of epoch 1.
 *
 * <p>Not thread-safe; the session owns it.
 */
public interface RecordProtection {
  /** What a record turned out to be. */
  enum Content {
    /** Something that the peer's user has sent. */
    DATA,
    /** Not the peer's, or damaged, or of no interest. */
    NOTHING,
    /** The peer will send nothing more. */
    CLOSE_NOTIFY,
    /** The peer has given up. */
    FATAL_ALERT,
    /** The keys can open and seal nothing any more. */
    BROKEN
  }

  /**
   * What a record turned out to be, with the bytes.
   *
   * @param data what was sent, for {@link Content#DATA}; the answer, for {@link
   *     Content#CLOSE_NOTIFY}, null for none
   * @param failure the alert, for {@link Content#FATAL_ALERT}; why, for {@link Content#BROKEN}
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Opened(Content content, byte @Nullable [] data, @Nullable IOException failure) {
    /** What is no alert. */
    public Opened(Content content, byte @Nullable [] data) {
      this(content, data, null);
    }
  }

  /**
   * Opens a record.
   *
   * @param record of epoch 1, from the network
   * @return what it is; never fails
   */
  Opened open(DtlsRecord record);

  /**
   * Seals what the user sends.
   *
   * @param data 1 to 16384 bytes
   * @return a whole record
   */
  byte[] seal(byte[] data);

  /**
   * Sends close_notify. Nothing can be sealed afterwards.
   *
   * @return a whole record
   */
  byte[] closeNotify();

  /**
   * What was agreed on in the handshake, and with whom.
   *
   * @return never changes
   */
  DtlsInfo info();

  /**
   * How much fits into a datagram.
   *
   * @param datagramBytes its length without the headers of UDP and IP
   * @return what is left for the user; 0 or more
   */
  int cleartextBytes(int datagramBytes);
}
