package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which records show that a side encrypts. */
class KeysInUseTest {
  private static final byte[] CHANGE_CIPHER_SPEC =
      StubEngine.record(StubEngine.CHANGE_CIPHER_SPEC, (byte) 1);
  private static final byte[] DATA = StubEngine.record(StubEngine.DATA, (byte) 1);
  private static final byte[] HELLO = StubEngine.record(StubEngine.HANDSHAKE, hello(0x01020304));
  private static final byte[] RETRY = StubEngine.record(StubEngine.HANDSHAKE, hello(0xcf21ad74));

  /** A ServerHello whose random begins so. */
  private static byte[] hello(int random) {
    return ByteBuffer.allocate(44).put(0, (byte) 2).putInt(6, random).array();
  }

  private static boolean areSeen(boolean server, byte[] sent, byte[] received) {
    KeysInUse keys = new KeysInUse(server);
    keys.sent(ByteBuffer.wrap(sent).position(sent.length), 0);
    keys.received(ByteBuffer.wrap(received).position(received.length), 0);
    return keys.areSeen();
  }

  private static byte[] join(byte[]... parts) {
    return Hellos.join(parts);
  }

  @Test
  @DisplayName("TLS-B19 a record of data, in either direction, is encrypted")
  void data() {
    byte[] none = {};
    for (boolean server : new boolean[] {true, false}) {
      assertFalse(areSeen(server, none, none));
      assertFalse(areSeen(server, HELLO, HELLO));
      assertTrue(areSeen(server, DATA, none));
      assertTrue(areSeen(server, none, DATA));
      assertTrue(areSeen(server, join(RETRY, DATA), none));
      assertTrue(areSeen(server, none, join(HELLO, DATA)));
    }
  }

  @Test
  @DisplayName(
      "TLS-B19 ChangeCipherSpec means keys, of the peer to a client, but not after a retry")
  void changeCipherSpec() {
    byte[] none = {};
    assertTrue(areSeen(true, CHANGE_CIPHER_SPEC, none));
    assertTrue(areSeen(false, CHANGE_CIPHER_SPEC, none));
    assertTrue(areSeen(false, none, CHANGE_CIPHER_SPEC));
    assertFalse(areSeen(true, none, CHANGE_CIPHER_SPEC));
    assertFalse(areSeen(true, join(RETRY, CHANGE_CIPHER_SPEC), none));
    assertFalse(areSeen(false, CHANGE_CIPHER_SPEC, RETRY));
    assertFalse(areSeen(false, none, join(RETRY, CHANGE_CIPHER_SPEC)));
    assertTrue(areSeen(true, join(HELLO, CHANGE_CIPHER_SPEC), none));
  }

  @Test
  @DisplayName("TLS-B19 what was in the buffer before, and what is behind, is not looked at")
  void partOfABuffer() {
    KeysInUse keys = new KeysInUse(true);
    byte[] all = join(DATA, HELLO, DATA);
    ByteBuffer buffer = ByteBuffer.wrap(all).position(DATA.length + HELLO.length);
    keys.sent(buffer, DATA.length);
    assertFalse(keys.areSeen());
    assertEquals(DATA.length + HELLO.length, buffer.position());
    assertEquals(all.length, buffer.limit());
    keys.received(buffer, DATA.length);
    assertFalse(keys.areSeen());
    keys.received(buffer.position(all.length), DATA.length + HELLO.length);
    assertTrue(keys.areSeen());
  }

  private static RecordScan scan(int pieceBytes, byte[]... records) {
    RecordScan scan = new RecordScan();
    byte[] all = join(records);
    for (int at = 0; at < all.length; at += pieceBytes) {
      ByteBuffer piece = ByteBuffer.wrap(all, at, Math.min(pieceBytes, all.length - at));
      scan.see(piece);
    }
    return scan;
  }

  @Test
  @DisplayName("TLS-B19 records are seen in whatever pieces they come")
  void pieces() {
    byte[] empty = StubEngine.record(StubEngine.HANDSHAKE);
    for (int piece : new int[] {1, 2, 3, 5, 14, 15, 16, 49, 50, 1000}) {
      String what = "pieces of " + piece;
      assertTrue(scan(piece, HELLO, RETRY).hasRetry(), what);
      assertFalse(scan(piece, HELLO, HELLO).hasRetry(), what);
      assertTrue(scan(piece, empty, CHANGE_CIPHER_SPEC, HELLO).hasChangedCipher(), what);
      assertTrue(scan(piece, HELLO, empty, DATA).hasData(), what);
      assertFalse(scan(piece, HELLO, empty, CHANGE_CIPHER_SPEC).hasData(), what);
      assertFalse(scan(piece, DATA, CHANGE_CIPHER_SPEC).hasChangedCipher(), what);
    }
  }

  @Test
  @DisplayName("TLS-B19 a retry is a ServerHello with that random, to its last byte, and no more")
  void retry() {
    byte[] otherType = RETRY.clone();
    otherType[0] = StubEngine.CHANGE_CIPHER_SPEC;
    byte[] otherMessage = RETRY.clone();
    otherMessage[5] = 1;
    byte[] otherRandom = RETRY.clone();
    otherRandom[14]++;
    for (byte[] record : new byte[][] {otherType, otherMessage, otherRandom}) {
      assertFalse(scan(100, record).hasRetry());
    }
    assertTrue(scan(100, StubEngine.record((byte) 22, firstBytes(10))).hasRetry());
    assertFalse(scan(100, RETRY, StubEngine.record((byte) 22, firstBytes(9))).hasData());
    assertFalse(scan(100, StubEngine.record((byte) 22, firstBytes(9))).hasRetry());
  }

  private static byte[] firstBytes(int count) {
    return Arrays.copyOf(hello(0xcf21ad74), count);
  }
}
