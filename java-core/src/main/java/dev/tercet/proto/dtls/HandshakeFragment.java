package dev.tercet.proto.dtls;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of a message of the handshake, as it came: nothing about it is proven. A record may hold
 * several.
 *
 * <p>The lengths are three bytes each and the sender's choice; here they are checked against each
 * other and against what is there, and nothing is allocated but a copy of what is there. Whether
 * the whole message is too long is {@link Reassembly}'s question.
 */
public final class HandshakeFragment {
  private final int type;
  private final int messageBytes;
  private final int number;
  private final int offset;
  private final byte[] part;

  private HandshakeFragment(int type, int messageBytes, int number, int offset, byte[] part) {
    this.type = type;
    this.messageBytes = messageBytes;
    this.number = number;
    this.offset = offset;
    this.part = part;
  }

  /**
   * Takes the content of a record apart.
   *
   * @param content of a record in clear text; its position stays
   * @return one fragment or more
   * @throws BadPacketException when a length is wrong anywhere, or there is nothing
   */
  public static List<HandshakeFragment> parseUntrusted(ByteBuffer content)
      throws BadPacketException {
    ByteBuffer in = content.duplicate();
    List<HandshakeFragment> fragments = new ArrayList<>(1);
    do {
      if (in.remaining() < HandshakeMessage.HEADER_BYTES) {
        throw new BadPacketException("a handshake header in " + in.remaining() + " bytes");
      }
      int type = in.get() & 0xFF;
      int messageBytes = HandshakeMessage.int24(in);
      int number = in.getShort() & 0xFFFF;
      int offset = HandshakeMessage.int24(in);
      int length = HandshakeMessage.int24(in);
      if (length > in.remaining() || offset + length > messageBytes) {
        throw new BadPacketException(
            "bytes " + offset + " + " + length + " of a message of " + messageBytes);
      }
      byte[] part = new byte[length];
      in.get(part);
      fragments.add(new HandshakeFragment(type, messageBytes, number, offset, part));
    } while (in.hasRemaining());
    return fragments;
  }

  /**
   * Of which message.
   *
   * @return 0 to 255
   */
  public int type() {
    return type;
  }

  /**
   * How long the whole message is said to be.
   *
   * @return 24 bits
   */
  public int messageBytes() {
    return messageBytes;
  }

  /**
   * The number of the message.
   *
   * @return 0 to 65535
   */
  public int number() {
    return number;
  }

  /**
   * Where in the body the part begins.
   *
   * @return at most {@link #messageBytes}
   */
  public int offset() {
    return offset;
  }

  /**
   * The part.
   *
   * @return not a copy
   */
  public byte[] part() {
    return part;
  }

  /**
   * Whether the part is the message.
   *
   * @return true when nothing is missing
   */
  public boolean isWhole() {
    return part.length == messageBytes;
  }
}
