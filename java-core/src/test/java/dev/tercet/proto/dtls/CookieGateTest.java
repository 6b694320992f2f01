package dev.tercet.proto.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The cookie, reckoned a second time from what the specification says of it. */
class CookieGateTest {
  private static final byte[] ADDRESS = {10, 0, 0, 1, 1, 1};
  private static final byte[] SALT = {1, 2, 3, 4, 5, 6, 7, 8};
  private static final int BODY_AT = DtlsRecord.HEADER_BYTES + HandshakeMessage.HEADER_BYTES;

  /** Version, random bytes, and a session of three bytes with its length. */
  private static final int COOKIE_AT = BODY_AT + 2 + 32 + 1 + 3;

  private final byte[] key = key();
  private final CookieGate gate = new CookieGate(key);

  @Test
  @DisplayName("DTLS-C4 a cookie is the salt, and 24 bytes of an HMAC-SHA256; 32 in all")
  void cookie() throws Exception {
    for (long tick : new long[] {0, 1, 1L << 28}) {
      byte[] cookie = cookieFor(hello(0, new byte[0]), tick * CookieGate.TICK_NANOS + 5);
      assertEquals(32, cookie.length);
      assertArrayEquals(SALT, Arrays.copyOf(cookie, 8));
      byte[] tag = tag(tick, 1);
      assertEquals(32, tag.length);
      assertArrayEquals(Arrays.copyOf(tag, 24), Arrays.copyOfRange(cookie, 8, 32));
    }
  }

  /** The MAC, without a line of the gate's. */
  private byte[] tag(long tick, int number) throws Exception {
    byte[] hello = hello(number, new byte[0]);
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    byte[][] parts = {
      SALT,
      ByteBuffer.allocate(8).putLong(tick).array(),
      ADDRESS,
      {0, (byte) number},
      Arrays.copyOfRange(hello, BODY_AT, COOKIE_AT),
      Arrays.copyOfRange(hello, COOKIE_AT + 1, hello.length)
    };
    for (byte[] part : parts) {
      mac.update(ByteBuffer.allocate(4).putInt(0, part.length));
      mac.update(part);
    }
    return mac.doFinal();
  }

  @Test
  @DisplayName("DTLS-C5 no bit of the hello may change, nor its message number, nor the cookie")
  void covered() {
    byte[] good = hello(1, cookieFor(hello(0, new byte[0]), 0));
    assertTrue(isAccepted(good));
    int numberAt = DtlsRecord.HEADER_BYTES + 4;
    for (int at = numberAt; at < good.length; at++) {
      // Offset and length of the fragment are between the number and the body.
      if (at < numberAt + 2 || at >= BODY_AT) {
        for (int bit = 0; bit < 8; bit++) {
          byte[] flipped = good.clone();
          flipped[at] ^= (byte) (1 << bit);
          assertFalse(isAccepted(flipped), "byte " + at + " bit " + bit);
        }
      }
    }
    // The record's number is another one each time that the hello goes out.
    for (int at = 5; at < 11; at++) {
      byte[] later = good.clone();
      later[at] ^= 1;
      assertTrue(isAccepted(later), "byte " + at);
    }
    for (int at = 0; at < ADDRESS.length; at++) {
      byte[] other = ADDRESS.clone();
      other[at] ^= 1;
      assertFalse(isAccepted(gate, other, good, 0), "address " + at);
    }
    assertFalse(isAccepted(gate, Arrays.copyOf(ADDRESS, 5), good, 0));
  }

  @Test
  @DisplayName("DTLS-C6 a cookie lives at least 30 s and less than 60 s")
  void lifetime() {
    long tick = CookieGate.TICK_NANOS;
    for (long bornAt : new long[] {0, 1, tick / 2, tick - 1}) {
      byte[] hello = hello(1, cookieFor(hello(0, new byte[0]), bornAt));
      assertTrue(isAccepted(gate, ADDRESS, hello, bornAt));
      assertTrue(isAccepted(gate, ADDRESS, hello, bornAt + tick));
      assertTrue(isAccepted(gate, ADDRESS, hello, 2 * tick - 1));
      assertFalse(isAccepted(gate, ADDRESS, hello, 2 * tick));
      assertFalse(isAccepted(gate, ADDRESS, hello, bornAt + 2 * tick));
    }
  }

  /** Time cannot be measured so finely; what is called can be seen. */
  @Test
  @DisplayName("DTLS-C7 both cookies are compared, by what compares in constant time")
  void constantTime() {
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    JavaClass gateClass =
        new ClassFileImporter()
            .importPath(Path.of("target/classes/dev/tercet/proto/dtls/CookieGate.class"))
            .get(CookieGate.class);
    int inConstantTime = 0;
    for (JavaMethodCall call : gateClass.getMethodCallsFromSelf()) {
      boolean compares =
          call.getName().equals("equals")
              || call.getName().equals("compare")
              || call.getName().equals("mismatch")
              || call.getName().equals("isSameAs");
      assertFalse(compares, call.getDescription());
      if (call.getTargetOwner().isEquivalentTo(MessageDigest.class)) {
        assertEquals("isEqual", call.getName());
        inConstantTime++;
      }
    }
    assertEquals(2, inConstantTime);
  }

  @Test
  @DisplayName(
      "DTLS-C8 the key decides: another gate's cookie is a wrong one, the same key's is not")
  void keys() {
    byte[] good = hello(1, cookieFor(hello(0, new byte[0]), 0));
    assertTrue(isAccepted(new CookieGate(key.clone()), ADDRESS, good, 0));
    byte[] other = key.clone();
    other[31] ^= 1;
    assertFalse(isAccepted(new CookieGate(other), ADDRESS, good, 0));
  }

  @Test
  @DisplayName(
      "DTLS-C9 DTLS-C13 a challenge is of DTLS 1.0, message 0, has the hello's record number; 60"
          + " bytes")
  void challenge() {
    byte[] hello = hello(3, new byte[0]);
    byte[] number = {0, 0, 1, 2, 3, 4, 5, 6};
    System.arraycopy(number, 0, hello, 3, 8);
    ByteBuffer challenge = ByteBuffer.wrap(challengeTo(hello, 0));
    assertEquals(60, challenge.remaining());
    assertEquals(DtlsRecord.HANDSHAKE, challenge.get());
    assertEquals(0xFEFF, challenge.getShort() & 0xFFFF);
    byte[] shown = new byte[8];
    challenge.get(shown);
    assertArrayEquals(number, shown);
    assertEquals(47, challenge.getShort());
    assertEquals(HandshakeMessage.HELLO_VERIFY_REQUEST, challenge.get());
    assertEquals(35, HandshakeMessage.int24(challenge));
    assertEquals(0, challenge.getShort(), "message number");
    assertEquals(0, HandshakeMessage.int24(challenge));
    assertEquals(35, HandshakeMessage.int24(challenge));
    assertEquals(0xFEFF, challenge.getShort() & 0xFFFF);
    assertEquals(32, challenge.get());
  }

  @Test
  @DisplayName("DTLS-C17 a good cookie is no help when the numbers leave no room for a handshake")
  void numbers() {
    byte[] good = hello(1, cookieFor(hello(0, new byte[0]), 0));
    for (long number : new long[] {0, 1, 1L << 47}) {
      assertTrue(isAccepted(numbered(good, number)), "record " + number);
    }
    for (long number : new long[] {1 + (1L << 47), (1L << 48) - 1}) {
      assertFalse(isAccepted(numbered(good, number)), "record " + number);
    }
    int most = 1 << 15;
    assertTrue(isAccepted(hello(most, cookieFor(hello(most - 1, new byte[0]), 0))));
    assertFalse(isAccepted(hello(most + 1, cookieFor(hello(most, new byte[0]), 0))));
    assertFalse(isAccepted(hello(0xFFFF, cookieFor(hello(0xFFFE, new byte[0]), 0))));
  }

  private static byte[] numbered(byte[] hello, long number) {
    byte[] numbered = hello.clone();
    ByteBuffer.wrap(numbered).putLong(3, number);
    return numbered;
  }

  private boolean isAccepted(byte[] hello) {
    return isAccepted(gate, ADDRESS, hello, 0);
  }

  private static boolean isAccepted(CookieGate gate, byte[] address, byte[] hello, long nowNanos) {
    return gate.judgeUntrusted(address, ByteBuffer.wrap(hello), SALT, nowNanos)
        instanceof CookieGate.Verdict.Accept;
  }

  private byte[] challengeTo(byte[] hello, long nowNanos) {
    CookieGate.Verdict verdict =
        gate.judgeUntrusted(ADDRESS, ByteBuffer.wrap(hello), SALT, nowNanos);
    return assertInstanceOf(CookieGate.Verdict.Challenge.class, verdict).datagram();
  }

  private byte[] cookieFor(byte[] hello, long nowNanos) {
    return Arrays.copyOfRange(challengeTo(hello, nowNanos), 28, 60);
  }

  private static byte[] key() {
    byte[] key = new byte[CookieGate.KEY_BYTES];
    new Random(1).nextBytes(key);
    return key;
  }

  private static byte[] hello(int number, byte[] cookie) {
    ByteBuffer body = ByteBuffer.allocate(2 + 32 + 4 + 1 + cookie.length + 8);
    body.putShort((short) DtlsRecord.VERSION_1_2);
    byte[] random = new byte[32];
    new Random(2).nextBytes(random);
    body.put(random).put(new byte[] {3, 7, 8, 9});
    body.put((byte) cookie.length).put(cookie);
    body.put(new byte[] {0, 2, (byte) 0xC0, 0x2B, 1, 0, 0, 0});
    HandshakeMessage message =
        new HandshakeMessage(
            HandshakeMessage.CLIENT_HELLO, number, DtlsRecord.VERSION_1_2, body.array());
    return DtlsRecord.clear(
            DtlsRecord.HANDSHAKE, DtlsRecord.VERSION_1_0, 5, message.fragment(0, body.capacity()))
        .bytes();
  }
}
