package dev.tercet.interop;

import dev.tercet.blocking.Stream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A transport that keeps what goes over it, since what a peer was told to do and what it does are
 * two things: whether there was a HelloRetryRequest, and how long the records are.
 */
final class Wire implements Stream {
  /** The random of a ServerHello that asks for another ClientHello: RFC 8446, section 4.1.3. */
  private static final String RETRY =
      text(
          HexFormat.of()
              .parseHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"));

  private static final int HEADER_BYTES = 5;
  private static final int APPLICATION_DATA = 23;

  private final Stream below;
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();

  Wire(Stream below) {
    this.below = below;
  }

  /** Whether the server, whichever side it is, has asked for another ClientHello. */
  boolean retried() {
    return text(sent.toByteArray()).contains(RETRY) || text(received.toByteArray()).contains(RETRY);
  }

  /** How long the encrypted part of the longest record was that this side has sent. */
  int longestSent() {
    return longest(sent.toByteArray());
  }

  /** The same for what the peer has sent. */
  int longestReceived() {
    return longest(received.toByteArray());
  }

  private static int longest(byte[] all) {
    int longest = 0;
    int at = 0;
    while (at + HEADER_BYTES <= all.length) {
      int length = Byte.toUnsignedInt(all[at + 3]) << 8 | Byte.toUnsignedInt(all[at + 4]);
      if (all[at] == APPLICATION_DATA) {
        longest = Math.max(longest, length);
      }
      at += HEADER_BYTES + length;
    }
    return longest;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
    byte[] bytes = new byte[data.remaining()];
    data.duplicate().get(bytes);
    sent.writeBytes(bytes);
    below.sendAll(data);
  }

  @Override
  public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
    below.waitSendAllMightNotBlock();
  }

  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    int start = into.position();
    int count = below.receiveSome(into);
    if (count > 0) {
      byte[] bytes = new byte[count];
      into.duplicate().position(start).get(bytes);
      received.writeBytes(bytes);
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    below.close();
  }

  @Override
  public void closeForcefully() {
    below.closeForcefully();
  }

  @Override
  public String toString() {
    return "sent " + sent.size() + " bytes, received " + received.size();
  }
}
