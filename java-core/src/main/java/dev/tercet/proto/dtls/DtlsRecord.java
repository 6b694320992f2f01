package dev.tercet.proto.dtls;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A record: what DTLS puts into datagrams (RFC 6347 section 4.1).
 *
 * <pre>
 * type 1 | version 2 | epoch 2 | sequence number 6 | length 2 | fragment
 * </pre>
 *
 * <p>A datagram is one record after the other; a record is never in two datagrams. Epoch 0 is clear
 * text: anybody who can send a datagram can write it. From epoch 1 on, the fragment is sealed, and
 * the header with it.
 *
 * <p>{@link #splitUntrusted} is total. It takes what is whole from the front, and the first record
 * that is not ends it: behind a wrong length nothing can be found again.
 *
 * <p><b>What we do not do.</b> Heartbeats (24) and connection ids (25) are not spoken here, so
 * their records are malformed like any other unknown type.
 */
public final class DtlsRecord {
  /** Type of the record that announces sealed ones. */
  public static final int CHANGE_CIPHER_SPEC = 20;

  /** Type of alerts. */
  public static final int ALERT = 21;

  /** Type of handshake messages. */
  public static final int HANDSHAKE = 22;

  /** Type of what users send. */
  public static final int APPLICATION_DATA = 23;

  /** DTLS 1.0 on the wire, also the version of a HelloVerifyRequest. */
  public static final int VERSION_1_0 = 0xFEFF;

  /** DTLS 1.2 on the wire. */
  public static final int VERSION_1_2 = 0xFEFD;

  /** Before the fragment. */
  public static final int HEADER_BYTES = 13;

  /** RFC 5246 section 6.2.1. */
  public static final int MAX_PLAINTEXT_BYTES = 1 << 14;

  /** RFC 5246 section 6.2.3: sealing adds 2048 bytes at most. */
  public static final int MAX_FRAGMENT_BYTES = MAX_PLAINTEXT_BYTES + 2048;

  private static final long MAX_SEQUENCE = (1L << 48) - 1;

  private final byte[] bytes;

  private DtlsRecord(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * What was in a datagram.
   *
   * @param records the whole ones at its front
   * @param isMalformed whether something else was behind them, or the datagram was empty
   */
  public record Split(List<DtlsRecord> records, boolean isMalformed) {}

  /**
   * Takes a datagram apart.
   *
   * @param datagram anything; it is copied, and its position stays
   * @return the records; never fails
   */
  public static Split splitUntrusted(ByteBuffer datagram) {
    // Most datagrams have one.
    List<DtlsRecord> records = new ArrayList<>(1);
    int at = datagram.position();
    int end = datagram.limit();
    while (end - at >= HEADER_BYTES) {
      int length = datagram.getShort(at + 11) & 0xFFFF;
      boolean isKnown =
          datagram.get(at) >= CHANGE_CIPHER_SPEC
              && datagram.get(at) <= APPLICATION_DATA
              && datagram.get(at + 1) == (byte) 0xFE;
      if (!isKnown || length > MAX_FRAGMENT_BYTES || length > end - at - HEADER_BYTES) {
        return new Split(records, true);
      }
      byte[] whole = new byte[HEADER_BYTES + length];
      datagram.get(at, whole);
      records.add(new DtlsRecord(whole));
      at += whole.length;
    }
    return new Split(records, at < end || records.isEmpty());
  }

  /**
   * Makes a record in clear text.
   *
   * @param version as on the wire
   * @param sequence the record's number in epoch 0
   * @param fragment what is in it, at most {@link #MAX_PLAINTEXT_BYTES}
   */
  public static DtlsRecord clear(int type, int version, long sequence, byte[] fragment) {
    if (fragment.length > MAX_PLAINTEXT_BYTES) {
      throw new IllegalArgumentException("a record of " + fragment.length + " bytes");
    }
    if (sequence < 0 || sequence > MAX_SEQUENCE) {
      throw new IllegalArgumentException("record number " + sequence);
    }
    ByteBuffer record = ByteBuffer.allocate(HEADER_BYTES + fragment.length);
    record.put((byte) type).putShort((short) version).putLong(sequence);
    record.putShort((short) fragment.length).put(fragment);
    return new DtlsRecord(record.array());
  }

  /**
   * The record as it is on the wire.
   *
   * @return header and fragment; not a copy
   */
  public byte[] bytes() {
    return bytes;
  }

  /** What kind of record. */
  public int type() {
    return bytes[0];
  }

  /**
   * The version in the header.
   *
   * @return as on the wire
   */
  public int version() {
    return (int) number(1, 2);
  }

  /**
   * Under which keys it is.
   *
   * @return 0 for clear text
   */
  public int epoch() {
    return (int) number(3, 2);
  }

  /**
   * Its number in its epoch.
   *
   * @return 48 bits
   */
  public long sequence() {
    return number(5, 6);
  }

  /**
   * What is in it.
   *
   * @return a read-only view
   */
  public ByteBuffer fragment() {
    return ByteBuffer.wrap(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES)
        .slice()
        .asReadOnlyBuffer();
  }

  /** Without a buffer, since this is asked of every record. */
  private long number(int at, int length) {
    long number = 0;
    for (int i = at; i < at + length; i++) {
      number = number << Byte.SIZE | (bytes[i] & 0xFF);
    }
    return number;
  }
}
