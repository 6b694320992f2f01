package dev.tercet.support;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Damages a flight of a handshake as fuzzers of TLS do: the records and the messages keep lengths
 * that fit, so that the damage reaches the code behind the framing. One message is damaged each
 * time: a byte or a length in it, where it ends, or one of its extensions.
 */
public final class HandshakeDamage {
  private static final int RECORD_HEADER = 5;
  private static final int MESSAGE_HEADER = 4;
  private static final byte HANDSHAKE = 22;
  private static final int CLIENT_HELLO = 1;
  private static final int SERVER_HELLO = 2;
  private static final int KEY_SHARE = 51;
  private static final int MAX_RECORD = 16_384;

  private final Random random;

  /**
   * A source of damage.
   *
   * @param random says what is damaged, and how
   */
  public HandshakeDamage(Random random) {
    this.random = random;
  }

  /**
   * A damaged copy.
   *
   * @param flight whole records; those behind the last plaintext message are kept
   * @return as many messages, one of which is wrong
   */
  public byte[] of(byte[] flight) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    int at = 0;
    while (at < flight.length && flight[at] == HANDSHAKE) {
      int length = number(flight, at + 3, 2);
      content.write(flight, at + RECORD_HEADER, length);
      at += RECORD_HEADER + length;
    }
    List<byte[]> messages = messages(content.toByteArray());
    int victim = random.nextInt(messages.size());
    byte[] right = messages.get(victim);
    byte[] wrong = damaged(right);
    while (Arrays.equals(wrong, right)) {
      // A zero was made zero, for instance.
      wrong = damaged(right);
    }
    messages.set(victim, wrong);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] message : messages) {
      for (int from = 0; from < message.length; from += MAX_RECORD) {
        byte[] part =
            Arrays.copyOfRange(message, from, Math.min(message.length, from + MAX_RECORD));
        out.writeBytes(new byte[] {HANDSHAKE, 3, 3});
        out.writeBytes(number(2, part.length));
        out.writeBytes(part);
      }
    }
    out.write(flight, at, flight.length - at);
    return out.toByteArray();
  }

  private static List<byte[]> messages(byte[] content) {
    List<byte[]> messages = new ArrayList<>();
    for (int at = 0; at + MESSAGE_HEADER <= content.length; ) {
      int length = MESSAGE_HEADER + number(content, at + 1, 3);
      messages.add(Arrays.copyOfRange(content, at, at + length));
      at += length;
    }
    return messages;
  }

  private byte[] damaged(byte[] message) {
    byte[] body = Arrays.copyOfRange(message, MESSAGE_HEADER, message.length);
    boolean isHello = message[0] == CLIENT_HELLO || message[0] == SERVER_HELLO;
    byte[] wrong = isHello && random.nextInt(4) > 0 ? extension(message[0], body) : any(body);
    ByteBuffer out = ByteBuffer.allocate(MESSAGE_HEADER + wrong.length);
    return out.put(message[0]).put(number(3, wrong.length)).put(wrong).array();
  }

  /** Any part of a message. */
  private byte[] any(byte[] body) {
    if (body.length == 0) {
      return new byte[1 + random.nextInt(5)];
    }
    byte[] wrong = body.clone();
    int at = random.nextInt(body.length);
    switch (random.nextInt(6)) {
      case 0 -> wrong[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> wrong[at] = (byte) random.nextInt(256);
      case 2 -> wrong[at] += (byte) (random.nextBoolean() ? 1 : -1);
      case 3 -> {
        return Arrays.copyOf(body, at);
      }
      case 4 -> {
        return Arrays.copyOf(body, body.length + 1 + random.nextInt(300));
      }
      default -> Arrays.fill(wrong, at, at + random.nextInt(body.length - at) + 1, (byte) 0);
    }
    return wrong;
  }

  /** The content of an extension; what is around it fits. */
  private byte[] extension(byte message, byte[] body) {
    int at = 2 + 32;
    at += 1 + (body[at] & 0xff); // the session
    if (message == CLIENT_HELLO) {
      at += 2 + number(body, at, 2); // cipher suites
      at += 1 + (body[at] & 0xff); // compression
    } else {
      at += 3;
    }
    if (at + 2 > body.length) {
      return any(body);
    }
    List<byte[]> extensions = new ArrayList<>();
    for (int from = at + 2; from + 4 <= body.length; ) {
      int length = 4 + number(body, from + 2, 2);
      extensions.add(Arrays.copyOfRange(body, from, from + length));
      from += length;
    }
    if (extensions.isEmpty()) {
      return any(body);
    }
    int victim = random.nextInt(extensions.size());
    byte[] extension = extensions.get(victim);
    int type = number(extension, 0, 2);
    byte[] content = Arrays.copyOfRange(extension, 4, extension.length);
    byte[] wrong =
        type == KEY_SHARE && random.nextBoolean() ? keyShare(message, content) : any(content);
    extensions.set(victim, join(number(2, type), number(2, wrong.length), wrong));
    if (random.nextInt(20) == 0) {
      extensions.add(extensions.get(random.nextInt(extensions.size())));
    }
    byte[] all = join(extensions.toArray(byte[][]::new));
    return join(Arrays.copyOf(body, at), number(2, all.length), all);
  }

  /** One key instead of those that are there: cut short, too long, no point of its curve. */
  private byte[] keyShare(byte message, byte[] content) {
    int from = message == CLIENT_HELLO ? 2 : 0;
    if (content.length < from + 4) {
      return any(content);
    }
    byte[] group = Arrays.copyOfRange(content, from, from + 2);
    if (random.nextBoolean()) {
      group = number(2, new int[] {23, 24, 25, 29, 30, 256}[random.nextInt(6)]);
    }
    int length = number(content, from + 2, 2);
    byte[] key = Arrays.copyOfRange(content, from + 4, Math.min(content.length, from + 4 + length));
    byte[] wrong =
        switch (random.nextInt(6)) {
          case 0 -> new byte[] {0}; // the point at infinity
          case 1 -> new byte[key.length];
          case 2 -> Arrays.copyOf(key, random.nextInt(key.length + 1));
          case 3 -> Arrays.copyOf(key, key.length + 1 + random.nextInt(100));
          case 4 -> {
            byte[] uncompressed = new byte[65];
            uncompressed[0] = 4;
            yield uncompressed;
          }
          default -> any(key);
        };
    byte[] entry = join(group, number(2, wrong.length), wrong);
    return from == 0 ? entry : join(number(2, entry.length), entry);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] number(int bytes, int value) {
    byte[] number = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      number[i] = (byte) (value >> (8 * (bytes - 1 - i)));
    }
    return number;
  }

  private static int number(byte[] from, int at, int bytes) {
    int number = 0;
    for (int i = 0; i < bytes; i++) {
      number = number << 8 | (from[at + i] & 0xff);
    }
    return number;
  }
}
