package dev.tercet.proto.tls;

import dev.tercet.internal.tls.ServerName;
import dev.tercet.internal.tls.TlsEngines;
import dev.tercet.tls.ClientHello;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsVersion;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** ClientHellos of the JDK, and ones that are put together by hand. */
final class Hellos {
  static final String NAME = "server.test";
  private static final int MESSAGE_HEADER_BYTES = 4;

  private Hellos() {}

  /** What the JDK's client sends first: one record. */
  static byte[] real(@Nullable String name, String[] alpn, TlsVersion... versions) {
    TlsConfig config =
        MachinePair.CLIENT.withAlpn(alpn).withVersions(versions).dangerouslyWithoutHostnameCheck();
    SSLEngine engine =
        TlsEngines.client(config, name == null ? null : ServerName.of(name)).engine();
    ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    try {
      engine.beginHandshake();
      engine.wrap(ByteBuffer.allocate(0), out);
    } catch (SSLException e) {
      throw new AssertionError(e);
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  static byte[] real(TlsVersion... versions) {
    return real(NAME, new String[] {"h2", "http/1.1"}, versions);
  }

  static @Nullable ClientHello parse(byte[]... pieces) throws MalformedHelloException {
    ClientHelloParser parser = new ClientHelloParser();
    for (byte[] piece : pieces) {
      parser.feedUntrusted(ByteBuffer.wrap(piece));
    }
    return parser.hello();
  }

  /** A message in one record, whatever it is. */
  static byte[] record(byte[] message) {
    return join(new byte[] {22, 3, 1}, number(2, message.length), message);
  }

  /** A message of the handshake protocol. */
  static byte[] message(int type, byte[] body) {
    return join(number(1, type), number(3, body.length), body);
  }

  /** A hello with these extensions, as a record. */
  static byte[] hello(byte[]... extensions) {
    return record(message(1, body(part(2, join(extensions)))));
  }

  /** What is in a hello, up to the extensions, and what is to come there. */
  static byte[] body(byte[] rest) {
    return join(
        number(2, 0x0303),
        new byte[32],
        part(1, new byte[32]),
        part(2, number(2, 0x1301)),
        part(1, new byte[1]),
        rest);
  }

  static byte[] extension(int type, byte[] content) {
    return join(number(2, type), part(2, content));
  }

  static byte[] serverName(byte[] name) {
    return extension(0, part(2, join(number(1, 0), part(2, name))));
  }

  static byte[] serverName(String name) {
    return serverName(name.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** A field with its length before it. */
  static byte[] part(int lengthSize, byte[] content) {
    return join(number(lengthSize, content.length), content);
  }

  static byte[] number(int size, int value) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (value >> (8 * (size - 1 - i)));
    }
    return bytes;
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** The message of a record, cut into records of so many bytes. */
  static byte[] fragmented(byte[] record, int fragmentBytes) {
    byte[] message = Arrays.copyOfRange(record, 5, record.length);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int at = 0; at < message.length; at += fragmentBytes) {
      all.writeBytes(
          record(Arrays.copyOfRange(message, at, Math.min(message.length, at + fragmentBytes))));
    }
    return all.toByteArray();
  }

  /** Where the fields begin in a record. */
  static int bodyStart() {
    return 5 + MESSAGE_HEADER_BYTES;
  }
}
