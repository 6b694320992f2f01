package dev.tercet.testing;

import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.UdpSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;

/** Datagrams of DTLS 1.2 with whatever numbers and lengths a test likes, and who sends them. */
public final class RawDtls {
  /** As many bytes as a header of a record has, and one of a message. */
  static final int HEADERS_BYTES = 13 + 12;

  static final int CIPHER_CHANGE = 20;
  static final int ALERT = 21;
  static final int HANDSHAKE = 22;
  static final int DATA = 23;

  /** One client that does not follow the protocol. */
  static final class Client {
    final UdpSocket socket;
    private final InetSocketAddress server;
    private final byte[] random = new byte[32];

    Client(UdpSocket socket, DtlsEndpoint server, long seed) {
      this.socket = socket;
      this.server = DtlsPlay.local(server);
      new Random(seed).nextBytes(random);
    }

    void send(byte[] datagram) throws IOException, InterruptedException {
      socket.sendTo(ByteBuffer.wrap(datagram), server);
    }

    /** The next datagram; empty when none comes within a second. */
    byte[] receive() throws IOException, InterruptedException {
      ByteBuffer into = ByteBuffer.allocate(65_535);
      boolean isLate =
          CancelScope.moveOnAfter(Duration.ofSeconds(1))
              .run(
                  () -> {
                    InetSocketAddress unused = socket.receiveFrom(into);
                  });
      return isLate ? new byte[0] : Arrays.copyOf(into.array(), into.position());
    }

    byte[] hello(byte[] cookie, long recordNumber, int messageNumber) {
      return RawDtls.hello(random, cookie, recordNumber, messageNumber);
    }

    /**
     * ClientHello, challenge, ClientHello with the cookie; false when there was no challenge. A
     * message number that is too high for the second one begins again at 0.
     */
    boolean knock(long recordNumber, int messageNumber) throws IOException, InterruptedException {
      send(hello(new byte[0], recordNumber, messageNumber));
      byte[] challenge = receive();
      if (challenge.length == 0) {
        return false;
      }
      send(hello(cookieOf(challenge), recordNumber, (messageNumber + 1) & 0xFFFF));
      return true;
    }
  }

  private RawDtls() {}

  /** A record. */
  public static byte[] record(int type, int epoch, long number, byte[] content) {
    return ByteBuffer.allocate(13 + content.length)
        .put((byte) type)
        .putShort((short) 0xFEFD)
        .putLong(((long) epoch << 48) | (number & 0xFFFF_FFFF_FFFFL))
        .putShort((short) content.length)
        .put(content)
        .array();
  }

  /** A part of a message. */
  public static byte[] part(int type, int messageBytes, int number, int offset, byte[] part) {
    ByteBuffer out = ByteBuffer.allocate(12 + part.length);
    out.putInt((type << 24) | (messageBytes & 0xFF_FFFF)).putShort((short) number);
    out.put((byte) (offset >>> 16)).putShort((short) offset);
    out.put((byte) (part.length >>> 16)).putShort((short) part.length);
    return out.put(part).array();
  }

  /** A whole message in a record. */
  public static byte[] message(int type, long recordNumber, int number, byte[] body) {
    return record(HANDSHAKE, 0, recordNumber, part(type, body.length, number, 0, body));
  }

  /** A ClientHello that servers with an EC key take. */
  public static byte[] hello(byte[] random, byte[] cookie, long recordNumber, int messageNumber) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(bytes(0xFE, 0xFD));
    body.writeBytes(random);
    body.write(0);
    body.write(cookie.length);
    body.writeBytes(cookie);
    // Two suites and the signal of secure renegotiation; no compression.
    body.writeBytes(bytes(0, 6, 0xC0, 0x2B, 0xC0, 0x2C, 0, 0xFF, 1, 0));
    byte[] groups = bytes(0, 10, 0, 4, 0, 2, 0, 23);
    byte[] formats = bytes(0, 11, 0, 2, 1, 0);
    byte[] signatures = bytes(0, 13, 0, 4, 0, 2, 4, 3);
    byte[] masterSecret = bytes(0, 23, 0, 0);
    body.writeBytes(
        bytes(0, groups.length + formats.length + signatures.length + masterSecret.length));
    body.writeBytes(groups);
    body.writeBytes(formats);
    body.writeBytes(signatures);
    body.writeBytes(masterSecret);
    return message(1, recordNumber, messageNumber, body.toByteArray());
  }

  /** The cookie of a challenge. */
  public static byte[] cookieOf(byte[] challenge) {
    int at = HEADERS_BYTES + 2;
    return Arrays.copyOfRange(challenge, at + 1, at + 1 + (challenge[at] & 0xFF));
  }

  /** The body of a ClientKeyExchange: a point on P-256. */
  static byte[] keyExchange() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      byte[] encoded = generator.generateKeyPair().getPublic().getEncoded();
      // The uncompressed point is at the end: 4, x, y.
      byte[] point = Arrays.copyOfRange(encoded, encoded.length - 65, encoded.length);
      return ByteBuffer.allocate(66).put((byte) 65).put(point).array();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
