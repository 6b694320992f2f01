package dev.tercet.proto.dtls;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A client's hello, in one record at the front of a datagram and in one piece: what a server reads
 * from peers that have proven nothing.
 *
 * <pre>
 * record header | message header | version 2 | random 32 | session 1+ | cookie 1+ | suites 2+ | ...
 * </pre>
 *
 * <p>One in pieces would need memory for a peer that may not exist, so it is not one (spec
 * DTLS-C2). {@link #parseUntrusted} says null to all that is not such a hello, and never anything
 * else.
 */
public final class ClientHello {
  /**
   * A ClientHello with a higher record number begins nothing (spec DTLS-C17). The number is the
   * client's choice, no cookie covers it, and the server's records count on from it (spec DTLS-C10)
   * in a field of 48 bits. Clients count from 0; half of the field is left for what the server
   * sends, and no association lives long enough to use that up.
   */
  public static final long MAX_RECORD_NUMBER = 1L << 47;

  /**
   * A ClientHello with a higher message number begins nothing (spec DTLS-C17). Clients count from
   * 0; the numbers of the messages behind it have to fit into the other half of a field of 16 bits.
   */
  public static final int MAX_MESSAGE_NUMBER = 1 << 15;

  private static final int VERSION_AND_RANDOM_BYTES = 2 + 32;
  private static final int BODY_AT = DtlsRecord.HEADER_BYTES + HandshakeMessage.HEADER_BYTES;

  private final byte[] record;
  private final int cookieAt;

  private ClientHello(byte[] record, int cookieAt) {
    this.record = record;
    this.cookieAt = cookieAt;
  }

  /**
   * Whether a datagram begins like a hello, so that it is a server's business even from a known
   * peer (spec DTLS-A9).
   *
   * @param datagram anything; its position stays
   * @return true for a clear handshake record whose first message is a hello
   */
  public static boolean looksLikeOneUntrusted(ByteBuffer datagram) {
    int at = datagram.position();
    return datagram.remaining() > DtlsRecord.HEADER_BYTES
        && datagram.get(at) == DtlsRecord.HANDSHAKE
        && datagram.getShort(at + 3) == 0
        && datagram.get(at + DtlsRecord.HEADER_BYTES) == HandshakeMessage.CLIENT_HELLO;
  }

  /**
   * Reads a hello.
   *
   * @param datagram anything; its position stays
   * @return null when it is anything else
   */
  public static @Nullable ClientHello parseUntrusted(ByteBuffer datagram) {
    if (!looksLikeOneUntrusted(datagram)) {
      return null;
    }
    DtlsRecord.Split split = DtlsRecord.splitUntrusted(datagram);
    if (split.records().isEmpty()) {
      return null;
    }
    byte[] record = split.records().get(0).bytes();
    int bodyBytes = record.length - BODY_AT;
    ByteBuffer in = ByteBuffer.wrap(record);
    boolean isOnePiece =
        bodyBytes > VERSION_AND_RANDOM_BYTES
            && HandshakeMessage.int24(in.position(DtlsRecord.HEADER_BYTES + 1)) == bodyBytes
            && HandshakeMessage.int24(in.position(DtlsRecord.HEADER_BYTES + 6)) == 0
            && HandshakeMessage.int24(in) == bodyBytes;
    if (!isOnePiece) {
      return null;
    }
    int sessionAt = BODY_AT + VERSION_AND_RANDOM_BYTES;
    int sessionBytes = record[sessionAt] & 0xFF;
    int cookieAt = sessionAt + 1 + sessionBytes;
    if (sessionBytes > 32
        || cookieAt >= record.length
        || record.length - cookieAt - 1 < (record[cookieAt] & 0xFF)) {
      return null;
    }
    return new ClientHello(record, cookieAt);
  }

  /**
   * Whether a handshake can count on from its numbers.
   *
   * @return false when they are too high for any client that counts from 0
   */
  boolean canBegin() {
    return recordNumber() <= MAX_RECORD_NUMBER && messageNumber() <= MAX_MESSAGE_NUMBER;
  }

  /**
   * The record that it came in.
   *
   * @return whole; not a copy
   */
  public byte[] record() {
    return record;
  }

  /**
   * The number of that record.
   *
   * @return 48 bits
   */
  public long recordNumber() {
    return ByteBuffer.wrap(record).getLong(3) & 0xFFFF_FFFF_FFFFL;
  }

  /**
   * The number of the message.
   *
   * @return 0 for the first hello, 1 for the one with the cookie, more if it was challenged again
   */
  public int messageNumber() {
    return ByteBuffer.wrap(record).getShort(DtlsRecord.HEADER_BYTES + 4) & 0xFFFF;
  }

  /**
   * The session that it wants to resume.
   *
   * @return empty for none
   */
  public byte[] session() {
    return Arrays.copyOfRange(record, BODY_AT + VERSION_AND_RANDOM_BYTES + 1, cookieAt);
  }

  /**
   * The cookie.
   *
   * @return empty for none
   */
  public byte[] cookie() {
    return Arrays.copyOfRange(record, cookieAt + 1, cookieAt + 1 + (record[cookieAt] & 0xFF));
  }

  /** All that it says but the cookie: the body before it. */
  ByteBuffer beforeCookie() {
    return ByteBuffer.wrap(record, BODY_AT, cookieAt - BODY_AT);
  }

  /** All that it says but the cookie: the body behind it. */
  ByteBuffer behindCookie() {
    int at = cookieAt + 1 + (record[cookieAt] & 0xFF);
    return ByteBuffer.wrap(record, at, record.length - at);
  }

  /**
   * Whether it is the same as another one, cookie and all: a datagram that came twice, or a client
   * that has repeated itself. Headers may differ.
   *
   * @return true when no byte of the bodies differs
   */
  public boolean isSameAs(ClientHello other) {
    return Arrays.equals(
        record, BODY_AT, record.length, other.record, BODY_AT, other.record.length);
  }

  /**
   * Whether a client that has said this one says nothing new with the other: it is the same, or an
   * earlier one of the same handshake that was late. A client that is challenged again keeps its
   * random bytes and counts its messages.
   *
   * @return true when the other must not replace this one
   */
  public boolean isNotBefore(ClientHello late) {
    boolean isOfSameHandshake =
        Arrays.equals(
            record,
            BODY_AT,
            BODY_AT + VERSION_AND_RANDOM_BYTES,
            late.record,
            BODY_AT,
            BODY_AT + VERSION_AND_RANDOM_BYTES);
    return isSameAs(late) || (isOfSameHandshake && late.messageNumber() <= messageNumber());
  }
}
