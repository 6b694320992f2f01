package dev.tercet.proto.dtls;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A whole message of the handshake (RFC 6347 section 4.2.2), and how it becomes the fragments of
 * records.
 *
 * <pre>
 * type 1 | length 3 | message number 2 | fragment offset 3 | fragment length 3 | body
 * </pre>
 */
public final class HandshakeMessage {
  /** The type of the client's first message. */
  public static final int CLIENT_HELLO = 1;

  /** The type of the server's choice. */
  public static final int SERVER_HELLO = 2;

  /** The type of the server's challenge: say that again, with this cookie. */
  public static final int HELLO_VERIFY_REQUEST = 3;

  /** The type of what a session can be resumed with later. */
  public static final int NEW_SESSION_TICKET = 4;

  /** The type of a chain of certificates. */
  public static final int CERTIFICATE = 11;

  /** The type of the end of the server's first flight. */
  public static final int SERVER_HELLO_DONE = 14;

  /** The type of the proof that the client has the key of its certificate. */
  public static final int CERTIFICATE_VERIFY = 15;

  /** The type of the client's half of the key. */
  public static final int CLIENT_KEY_EXCHANGE = 16;

  /** Before the body of each fragment. */
  public static final int HEADER_BYTES = 12;

  private final int type;
  private final int number;
  private final int version;
  private final byte[] body;

  /**
   * Makes a message.
   *
   * @param type 0 to 255
   * @param number the message's number, 0 to 65535
   * @param version of the records it came in or goes out in
   * @param body without the header; not copied
   */
  public HandshakeMessage(int type, int number, int version, byte[] body) {
    this.type = type;
    this.number = number;
    this.version = version;
    this.body = body;
  }

  /**
   * What it says.
   *
   * @return 0 to 255
   */
  public int type() {
    return type;
  }

  /**
   * Its place in the sender's order.
   *
   * @return 0 to 65535
   */
  public int number() {
    return number;
  }

  /**
   * The version of its records.
   *
   * @return as on the wire
   */
  public int version() {
    return version;
  }

  /**
   * What is in it.
   *
   * @return without the header; not a copy
   */
  public byte[] body() {
    return body;
  }

  /**
   * A part of it, as it stands in a record. An empty message has one part, and it is empty (spec
   * DTLS-E12).
   *
   * @return header and part
   */
  public byte[] fragment(int offset, int length) {
    ByteBuffer fragment = ByteBuffer.allocate(HEADER_BYTES + length);
    fragment.putInt((type << 24) | body.length).putShort((short) number);
    putInt24(fragment, offset);
    putInt24(fragment, length);
    return fragment.put(body, offset, length).array();
  }

  /**
   * The whole message in as few fragments as records allow.
   *
   * @return each header and part, in order
   */
  public List<byte[]> fragments() {
    List<byte[]> fragments = new ArrayList<>();
    int offset = 0;
    do {
      int length = Math.min(body.length - offset, DtlsRecord.MAX_PLAINTEXT_BYTES - HEADER_BYTES);
      fragments.add(fragment(offset, length));
      offset += length;
    } while (offset < body.length);
    return fragments;
  }

  /** Reads three bytes. */
  static int int24(ByteBuffer in) {
    return ((in.get() & 0xFF) << 16) | (in.getShort() & 0xFFFF);
  }

  private static void putInt24(ByteBuffer into, int value) {
    into.put((byte) (value >>> 16)).putShort((short) value);
  }
}
