package dev.tercet.proto.tls;

import dev.tercet.tls.ClientHello;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the ClientHello in what a client sends first. For a server that chooses its engine by it,
 * and so has none yet that could read it.
 *
 * <p><b>The problem.</b> The hello is a message of the handshake protocol, which is carried in
 * records, and nothing says that the one fits into the other: a client may put one byte of the
 * message into each record, and TCP may put one byte of a record into each segment. Since clients
 * offer keys that quantum computers cannot break, a hello is longer than a segment as a rule, and
 * no longer only by malice. And this is the first thing that anybody on the Internet can make a
 * server do.
 *
 * <p><b>The strategy.</b> Every byte is looked at once, in the order in which it came. The
 * fragments are put together, and when the message is whole, and no sooner, its fields are read. It
 * counts what has arrived, headers included, and gives up at {@value #MAX_BYTES}; a message that
 * says it will be longer is refused when it says so. Memory grows with what arrives, never with
 * what is promised. What comes behind the hello is not looked at: that is for the engine, which
 * reads everything from the beginning, and checks again.
 *
 * <p><b>Not done here.</b> The hello of SSL 2, in which the clients of the 1990s said that they
 * could do better; it is refused by name. Encrypted hellos (ECH): the outer one is what is read.
 *
 * <pre>
 * state      input                                     next
 * header     5 bytes of a record of handshake          fragment
 * header     a record of something else, or too long   refused
 * fragment   its bytes, the message is not whole       header
 * fragment   the first 4 of the message, not a hello   refused
 * fragment   the message is whole                      found; refused, if its fields are wrong
 * </pre>
 *
 * Absorbing: found, refused. After an error the parser must not be used.
 *
 * <p>Not thread-safe; the caller holds the lock.
 */
final class ClientHelloParser {
  /**
   * Far more than a hello with the largest key shares, a ticket and a cookie has; little enough to
   * be kept for each of many connections.
   */
  static final int MAX_BYTES = 64 * 1024;

  private static final int MESSAGE_HEADER_BYTES = 4;

  /** RFC 8446, section 5.1. */
  private static final int MAX_FRAGMENT_BYTES = 1 << 14;

  private static final int CLIENT_HELLO = 1;

  private final byte[] header = new byte[RecordHeader.BYTES];
  private int headerBytes;

  /** Of the fragment in the current record. */
  private int missingBytes;

  private int seenBytes;
  private final ByteArrayOutputStream message = new ByteArrayOutputStream(512);

  /** Unknown before its header is there. */
  private int messageBytes = Integer.MAX_VALUE;

  private @Nullable ClientHello found;

  ClientHelloParser() {}

  /**
   * Takes in more of what the client has sent.
   *
   * @param bytes the next ones, in any pieces; not changed
   * @throws MalformedHelloException when it is no ClientHello, or too long
   */
  void feedUntrusted(ByteBuffer bytes) throws MalformedHelloException {
    ByteBuffer input = bytes.duplicate();
    while (found == null && input.hasRemaining()) {
      if (seenBytes == MAX_BYTES) {
        throw new MalformedHelloException(
            TlsAlert.ILLEGAL_PARAMETER,
            "the peer's ClientHello is not whole within " + MAX_BYTES + " bytes");
      }
      if (missingBytes == 0) {
        headerUntrusted(input.get());
      } else {
        fragmentUntrusted(input);
      }
    }
  }

  /**
   * What was found.
   *
   * @return null when it is not whole yet
   */
  @Nullable ClientHello hello() {
    return found;
  }

  private void headerUntrusted(byte next) throws MalformedHelloException {
    seenBytes++;
    header[headerBytes++] = next;
    if (headerBytes == 1) {
      typeUntrusted(next & 0xff);
    } else if (headerBytes == 2 && next != 3) {
      throw refused(TlsAlert.PROTOCOL_VERSION, "a record of version " + (next & 0xff) + ".x");
    } else if (headerBytes == RecordHeader.BYTES) {
      headerBytes = 0;
      missingBytes = RecordHeader.length(header[3], header[4]);
      if (missingBytes == 0) {
        throw refused(TlsAlert.UNEXPECTED_MESSAGE, "a record of handshake without content");
      }
      if (missingBytes > MAX_FRAGMENT_BYTES) {
        throw refused(
            TlsAlert.RECORD_OVERFLOW,
            "a record of " + missingBytes + " bytes, more than " + MAX_FRAGMENT_BYTES);
      }
    }
  }

  private void typeUntrusted(int type) throws MalformedHelloException {
    if (type == RecordHeader.HANDSHAKE) {
      return;
    }
    if (seenBytes == 1 && type >= 0x80) {
      throw refused(
          TlsAlert.PROTOCOL_VERSION,
          "something of SSL 2, or no TLS at all (" + String.format("0x%02x", type) + ")");
    }
    throw refused(
        TlsAlert.UNEXPECTED_MESSAGE,
        type == RecordHeader.ALERT ? "an alert" : "a record of type " + type);
  }

  private void fragmentUntrusted(ByteBuffer input) throws MalformedHelloException {
    boolean inHeader = message.size() < MESSAGE_HEADER_BYTES;
    int wanted = (inHeader ? MESSAGE_HEADER_BYTES : messageBytes) - message.size();
    int length = Math.min(Math.min(missingBytes, wanted), input.remaining());
    length = Math.min(length, MAX_BYTES - seenBytes);
    byte[] piece = new byte[length];
    input.get(piece);
    message.write(piece, 0, length);
    missingBytes -= length;
    seenBytes += length;
    if (inHeader && message.size() == MESSAGE_HEADER_BYTES) {
      messageHeaderUntrusted(message.toByteArray());
    }
    if (message.size() == messageBytes) {
      found = ClientHelloFields.parseUntrusted(message.toByteArray(), MESSAGE_HEADER_BYTES);
    }
  }

  private void messageHeaderUntrusted(byte[] start) throws MalformedHelloException {
    int type = start[0] & 0xff;
    if (type != CLIENT_HELLO) {
      throw refused(TlsAlert.UNEXPECTED_MESSAGE, "a handshake message of type " + type);
    }
    int length = (start[1] & 0xff) << 16 | (start[2] & 0xff) << 8 | (start[3] & 0xff);
    messageBytes = MESSAGE_HEADER_BYTES + length;
    if (messageBytes > MAX_BYTES - RecordHeader.BYTES) {
      throw new MalformedHelloException(
          TlsAlert.ILLEGAL_PARAMETER,
          "the peer's ClientHello declares "
              + length
              + " bytes; with all around it, it may have "
              + MAX_BYTES);
    }
  }

  private MalformedHelloException refused(TlsAlert alert, String what) {
    return new MalformedHelloException(
        alert, "the peer sent " + what + " at byte " + (seenBytes - 1) + ", not a ClientHello");
  }
}
