package dev.tercet.proto.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.proto.dtls.Reassembly.Verdict;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Each limit of the parts of DTLS, and the value next to it. */
class DtlsLimitsTest {
  private static final long SECOND = 1_000_000_000L;

  private static DtlsRecord.Split split(ByteBuffer datagram) {
    return DtlsRecord.splitUntrusted(datagram);
  }

  /** A record whose header says what is given, with so many bytes behind it. */
  private static ByteBuffer record(int type, int version, int length, int bytes) {
    ByteBuffer record = ByteBuffer.allocate(DtlsRecord.HEADER_BYTES + bytes);
    return record.put(0, (byte) type).putShort(1, (short) version).putShort(11, (short) length);
  }

  private static boolean isRead(ByteBuffer datagram) {
    DtlsRecord.Split split = split(datagram);
    assertEquals(split.records().isEmpty(), split.isMalformed());
    return !split.isMalformed();
  }

  @Test
  @DisplayName(
      "DTLS-D10 a record has one of four types, a version of DTLS, and at most 18432 bytes")
  void records() {
    for (int type = 0; type < 256; type++) {
      assertEquals(type >= 20 && type <= 23, isRead(record(type, 0xFEFD, 3, 3)), "type " + type);
    }
    assertTrue(isRead(record(22, 0xFEFF, 3, 3)));
    assertFalse(isRead(record(22, 0x0303, 3, 3)));
    assertTrue(isRead(record(23, 0xFEFD, 18_432, 18_432)));
    assertFalse(isRead(record(23, 0xFEFD, 18_433, 18_433)));
    assertTrue(isRead(record(23, 0xFEFD, 0, 0)), "an empty one");
    assertFalse(isRead(record(23, 0xFEFD, 4, 3)), "cut short");
    assertFalse(isRead(ByteBuffer.allocate(0)));
    assertFalse(isRead(record(23, 0xFEFD, 0, 0).limit(12)));
  }

  @Test
  @DisplayName(
      "DTLS-D10 what is whole at the front of a datagram is taken, what follows is counted")
  void severalRecords() {
    ByteBuffer both = ByteBuffer.allocate(100);
    both.put(record(22, 0xFEFD, 1, 1)).put(record(23, 0xFEFD, 2, 2));
    int whole = both.position();
    both.put((byte) 22);
    DtlsRecord.Split clean = split(both.duplicate().flip().limit(whole));
    assertEquals(List.of(22, 23), clean.records().stream().map(DtlsRecord::type).toList());
    assertFalse(clean.isMalformed());
    DtlsRecord.Split more = split(both.duplicate().flip());
    assertEquals(2, more.records().size());
    assertTrue(more.isMalformed());
  }

  @Test
  @DisplayName("a clear record says type, version, epoch 0 and its number of 48 bits")
  void clearRecord() {
    long highest = (1L << 48) - 1;
    DtlsRecord record = DtlsRecord.clear(22, 0xFEFF, highest, new byte[16_384]);
    assertEquals(22, record.type());
    assertEquals(0xFEFF, record.version());
    assertEquals(0, record.epoch());
    assertEquals(highest, record.sequence());
    assertEquals(16_384, record.fragment().remaining());
    DtlsRecord low = DtlsRecord.clear(20, 0xFEFD, 0x0102_0304_0506L, new byte[] {7});
    assertEquals(0x0102_0304_0506L, low.sequence());
    assertEquals(7, low.fragment().get(0));
    ByteBuffer sealed = ByteBuffer.wrap(low.bytes()).putShort(3, (short) 0xABCD);
    assertEquals(0xABCD, split(sealed).records().get(0).epoch());
    byte[] none = {};
    assertThrows(
        IllegalArgumentException.class, () -> DtlsRecord.clear(22, 0xFEFD, highest + 1, none));
    assertThrows(IllegalArgumentException.class, () -> DtlsRecord.clear(22, 0xFEFD, -1, none));
  }

  /** The bytes of a fragment whose header says what is given. */
  private static ByteBuffer fragment(
      int type, int messageBytes, int number, int offset, int length, int bytes) {
    ByteBuffer fragment = ByteBuffer.allocate(12 + bytes);
    fragment.putInt(type << 24 | messageBytes).putShort((short) number);
    fragment.put((byte) (offset >>> 16)).putShort((short) offset);
    fragment.put((byte) (length >>> 16)).putShort((short) length);
    return fragment.rewind();
  }

  private static boolean isFragment(ByteBuffer bytes) {
    try {
      return HandshakeFragment.parseUntrusted(bytes).size() == 1;
    } catch (BadPacketException e) {
      return false;
    }
  }

  @Test
  @DisplayName("DTLS-C3 a fragment lies within its message, and its record has all of it")
  void fragments() throws BadPacketException {
    assertTrue(isFragment(fragment(11, 5, 0, 2, 3, 3)));
    assertFalse(isFragment(fragment(11, 4, 0, 2, 3, 3)), "beyond the message");
    assertFalse(isFragment(fragment(11, 5, 0, 2, 3, 2)), "beyond the record");
    assertTrue(isFragment(fragment(14, 0, 0, 0, 0, 0)), "an empty message");
    assertFalse(isFragment(fragment(14, 0, 0, 0, 0, 0).limit(11)));
    assertFalse(isFragment(ByteBuffer.allocate(0)));
    ByteBuffer two = ByteBuffer.allocate(100);
    two.put(fragment(11, 70_000, 0x1234, 66_000, 3, 3)).put(fragment(14, 0, 0xFFFF, 0, 0, 0));
    List<HandshakeFragment> both = HandshakeFragment.parseUntrusted(two.flip());
    assertEquals(2, both.size());
    HandshakeFragment first = both.get(0);
    assertEquals(11, first.type());
    assertEquals(70_000, first.messageBytes());
    assertEquals(0x1234, first.number());
    assertEquals(66_000, first.offset());
    assertEquals(3, first.part().length);
    assertFalse(first.isWhole());
    assertEquals(0xFFFF, both.get(1).number());
    assertTrue(both.get(1).isWhole());
  }

  private static Verdict add(
      Reassembly into, int type, int messageBytes, int number, int offset, int length) {
    try {
      ByteBuffer bytes = fragment(type, messageBytes, number, offset, length, length);
      for (int i = 0; i < length; i++) {
        bytes.put(12 + i, (byte) (offset + i));
      }
      return into.add(HandshakeFragment.parseUntrusted(bytes).get(0), 0xFEFD);
    } catch (BadPacketException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @DisplayName("DTLS-C3 messages are put together up to 15 ahead, of 32 KiB each")
  void reassembly() {
    Reassembly parts = new Reassembly(5);
    assertEquals(Verdict.DUPLICATE, add(parts, 11, 1, 4, 0, 1));
    assertEquals(Verdict.TAKEN, add(parts, 11, 1, 20, 0, 1));
    assertEquals(Verdict.REFUSED, add(parts, 11, 1, 21, 0, 1));
    assertEquals(Verdict.TAKEN, add(parts, 11, 32_768, 5, 0, 1));
    assertEquals(Verdict.REFUSED, add(parts, 11, 32_769, 6, 0, 1));
    assertEquals(Verdict.REFUSED, add(parts, 12, 32_768, 5, 1, 1), "another type");
    assertEquals(Verdict.REFUSED, add(parts, 11, 32_767, 5, 1, 1), "another length");
    assertEquals(Verdict.DUPLICATE, add(parts, 11, 32_768, 5, 0, 1));
    assertNull(parts.poll());
    assertEquals(Verdict.TAKEN, add(parts, 11, 32_768, 5, 0, 32_768));
    assertEquals(Verdict.DUPLICATE, add(parts, 11, 32_768, 5, 0, 1));
    HandshakeMessage message = parts.poll();
    assertNotNull(message);
    assertEquals(5, message.number());
    assertEquals(11, message.type());
    assertEquals(0xFEFD, message.version());
    assertEquals((byte) 1000, message.body()[1000]);
    assertEquals(Verdict.TAKEN, add(parts, 14, 0, 6, 0, 0), "an empty message");
    assertNotNull(parts.poll());
    assertEquals(Verdict.TAKEN, add(parts, 11, 1, 21, 0, 1));
  }

  @Test
  @DisplayName("DTLS-C3 of messages that are not whole 64 KiB are kept, and no more")
  void reassemblyMemory() {
    Reassembly parts = new Reassembly(0);
    for (int i = 1; i <= 4; i++) {
      assertEquals(Verdict.TAKEN, add(parts, 11, 20_000, i, 0, 16_000));
    }
    assertEquals(Verdict.REFUSED, add(parts, 11, 20_000, 0, 0, 1537), "1536 are left");
    assertEquals(Verdict.TAKEN, add(parts, 11, 1536, 0, 0, 1536));
    assertEquals(Verdict.REFUSED, add(parts, 11, 20_000, 5, 0, 1));
    assertNotNull(parts.poll());
    assertEquals(Verdict.TAKEN, add(parts, 11, 20_000, 5, 0, 1536), "what is polled is free");
    parts.restartAt(1);
    assertEquals(Verdict.TAKEN, add(parts, 11, 1537, 1, 0, 1537), "all is free");
    assertNotNull(parts.poll());
    assertNull(parts.poll());
  }

  @Test
  @DisplayName("DTLS-C3 of parts that overlap the first that came counts")
  void overlaps() {
    Reassembly parts = new Reassembly(0);
    assertEquals(Verdict.TAKEN, add(parts, 11, 10, 0, 4, 2));
    assertEquals(Verdict.DUPLICATE, add(parts, 11, 10, 0, 4, 1));
    assertEquals(Verdict.TAKEN, add(parts, 11, 10, 0, 2, 6));
    assertEquals(Verdict.TAKEN, add(parts, 11, 10, 0, 0, 2));
    assertNull(parts.poll());
    assertEquals(Verdict.TAKEN, add(parts, 11, 10, 0, 7, 3));
    HandshakeMessage message = parts.poll();
    assertNotNull(message);
    assertArrayEquals(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, message.body());
  }

  /** A hello in a datagram, with a session and a cookie of these lengths. */
  private static ByteBuffer hello(int random, int sessionBytes, byte[] cookie, int number) {
    byte[] rest = {0, 2, (byte) 0xC0, 0x2B, 1, 0};
    ByteBuffer body = ByteBuffer.allocate(36 + sessionBytes + cookie.length + rest.length);
    body.putShort((short) 0xFEFD).put((byte) random).position(34);
    body.put((byte) sessionBytes).put(new byte[sessionBytes]);
    body.put((byte) cookie.length).put(cookie).put(rest);
    HandshakeMessage message = new HandshakeMessage(1, number, 0xFEFD, body.array());
    byte[] fragment = message.fragment(0, body.capacity());
    return ByteBuffer.wrap(DtlsRecord.clear(22, 0xFEFF, 77, fragment).bytes());
  }

  private static ClientHello parsed(ByteBuffer datagram) {
    @Nullable ClientHello hello = ClientHello.parseUntrusted(datagram);
    if (hello == null) {
      throw new AssertionError("this is a hello");
    }
    return hello;
  }

  @Test
  @DisplayName("DTLS-C2 a hello has a session of at most 32 bytes and a cookie that ends within it")
  void hellos() {
    byte[] cookie = {1, 2, 3};
    ClientHello hello = parsed(hello(9, 32, cookie, 0x8001));
    assertEquals(32, hello.session().length);
    assertArrayEquals(cookie, hello.cookie());
    assertEquals(77, hello.recordNumber());
    assertEquals(0x8001, hello.messageNumber());
    assertEquals(67, hello.beforeCookie().remaining());
    assertEquals(6, hello.behindCookie().remaining());
    assertNull(ClientHello.parseUntrusted(hello(9, 33, cookie, 1)));

    // In a hello without a session the length of the cookie is byte 60, and 6 bytes follow.
    ByteBuffer all = hello(9, 0, new byte[0], 0).put(60, (byte) 6);
    assertEquals(6, parsed(all).cookie().length);
    assertNull(ClientHello.parseUntrusted(all.put(60, (byte) 7)));
    // A session that takes all of the rest leaves no byte for the cookie's length.
    ByteBuffer session = hello(9, 0, new byte[0], 0).put(59, (byte) 6);
    assertEquals(6, parsed(session).session().length);
    assertNull(ClientHello.parseUntrusted(session.put(59, (byte) 7)));
  }

  @Test
  @DisplayName("DTLS-A9 only a clear handshake record with a ClientHello looks like a hello")
  void looks() {
    ByteBuffer hello = hello(9, 0, new byte[0], 0);
    assertTrue(ClientHello.looksLikeOneUntrusted(hello));
    assertTrue(ClientHello.looksLikeOneUntrusted(hello.duplicate().limit(14)));
    assertFalse(ClientHello.looksLikeOneUntrusted(hello.duplicate().limit(13)));
    for (int at : new int[] {0, 3, 4, 13}) {
      ByteBuffer other = hello(9, 0, new byte[0], 0);
      other.put(at, (byte) (other.get(at) + 1));
      assertFalse(ClientHello.looksLikeOneUntrusted(other), "byte " + at);
    }
  }

  @Test
  @DisplayName("DTLS-C14 hellos are of one handshake when their random is the same")
  void order() {
    ClientHello first = parsed(hello(9, 0, new byte[0], 0));
    ClientHello second = parsed(hello(9, 0, new byte[] {1}, 1));
    ClientHello other = parsed(hello(8, 0, new byte[0], 0));
    assertTrue(first.isSameAs(parsed(hello(9, 0, new byte[0], 0))));
    assertFalse(first.isSameAs(second));
    assertTrue(second.isNotBefore(first));
    assertTrue(second.isNotBefore(second));
    assertFalse(first.isNotBefore(second));
    assertFalse(second.isNotBefore(other));
    assertTrue(second.isNotBefore(parsed(hello(9, 3, new byte[0], 1))));
  }

  @Test
  @DisplayName("DTLS-H3 a flight is repeated once per interval, whatever it was sent for")
  void repeatLimit() {
    RepeatLimit limit = new RepeatLimit(100);
    assertTrue(limit.tryRepeat(Long.MAX_VALUE - 50)); // the clock wraps
    assertFalse(limit.tryRepeat(Long.MIN_VALUE + 48));
    assertTrue(limit.tryRepeat(Long.MIN_VALUE + 49));
    limit.sent(1000);
    assertFalse(limit.tryRepeat(1099));
    assertTrue(limit.tryRepeat(1100));
    RepeatLimit sent = new RepeatLimit(100);
    sent.sent(0);
    assertFalse(sent.tryRepeat(99));
  }

  @Test
  @DisplayName("DTLS-E6 the second loss of a flight shortens its datagrams, once")
  void mtu() {
    HandshakeMtu mtu = new HandshakeMtu(1472, 548);
    assertFalse(mtu.unanswered(1));
    assertFalse(mtu.unanswered(3));
    assertEquals(1472, mtu.bytes());
    assertTrue(mtu.unanswered(2));
    assertEquals(548, mtu.bytes());
    assertFalse(mtu.unanswered(2));
    mtu.set(300);
    assertFalse(mtu.unanswered(2));
    assertEquals(300, mtu.bytes());
    mtu.set(549);
    assertTrue(mtu.unanswered(2));
    assertEquals(548, mtu.bytes());
    assertEquals(1472, HandshakeMtu.DEFAULT_IPV4_BYTES);
    assertEquals(1452, HandshakeMtu.DEFAULT_IPV6_BYTES);
    assertEquals(548, HandshakeMtu.MINIMUM_IPV4_BYTES);
    assertEquals(1232, HandshakeMtu.MINIMUM_IPV6_BYTES);
  }

  @Test
  @DisplayName("DTLS-E2 the timeout doubles up to a minute, and a stopped timer is never due")
  void timer() {
    RetransmitTimer timer = new RetransmitTimer(20 * SECOND);
    assertFalse(timer.isDue(Long.MAX_VALUE));
    assertEquals(RetransmitTimer.NEVER, timer.deadlineNanos());
    assertEquals(0, timer.transmissions());
    timer.flightSent(5);
    assertEquals(20 * SECOND + 5, timer.deadlineNanos());
    assertEquals(1, timer.transmissions());
    timer.flightRepeated(0);
    assertEquals(40 * SECOND, timer.deadlineNanos());
    timer.flightRepeated(0);
    assertEquals(60 * SECOND, timer.deadlineNanos());
    timer.flightRepeated(0);
    assertEquals(60 * SECOND, timer.deadlineNanos());
    assertEquals(4, timer.transmissions());
    timer.stop();
    assertFalse(timer.isDue(60 * SECOND));
    assertEquals(RetransmitTimer.NEVER, timer.deadlineNanos());
  }

  @Test
  @DisplayName(
      "DTLS-E10 DTLS-E11 records share a datagram as long as they fit, and the last byte counts")
  void packing() {
    DtlsRecord sealed = DtlsRecord.clear(22, 0xFEFD, 0, new byte[87]);
    Flight flight = new Flight();
    assertTrue(flight.isEmpty());
    assertEquals(List.of(), flight.pack(1000, () -> 0));
    flight.addSealed(sealed);
    flight.addSealed(sealed);
    assertFalse(flight.isEmpty());
    assertEquals(List.of(200), lengths(flight, 200));
    assertEquals(List.of(100, 100), lengths(flight, 199));
    assertEquals(List.of(100, 100), lengths(flight, 50), "a sealed one is never cut");

    // 25 bytes of headers; a part of less than 32 bytes is not worth a rest of a datagram.
    Flight messages = new Flight();
    messages.addSealed(sealed);
    messages.add(new HandshakeMessage(11, 0, 0xFEFD, new byte[60]));
    assertEquals(List.of(185), lengths(messages, 185));
    assertEquals(List.of(184, 26), lengths(messages, 184));
    assertEquals(List.of(157, 53), lengths(messages, 157));
    assertEquals(List.of(100, 85), lengths(messages, 156));
    Flight small = new Flight();
    small.addSealed(sealed);
    small.add(new HandshakeMessage(14, 0, 0xFEFD, new byte[0]));
    assertEquals(List.of(125), lengths(small, 125));
    assertEquals(List.of(100, 25), lengths(small, 124));
  }

  @Test
  @DisplayName("DTLS-E13 DTLS-E14 a hello is never cut; a message is, at the longest record too")
  void longMessages() {
    Flight hello = new Flight();
    hello.add(new HandshakeMessage(1, 0, 0xFEFF, new byte[500]));
    assertEquals(List.of(525), lengths(hello, 100));
    Flight chain = new Flight();
    chain.add(new HandshakeMessage(11, 0, 0xFEFD, new byte[16_373]));
    assertEquals(List.of(16_397, 26), lengths(chain, 16_400));
    assertEquals(List.of(16_397 + 26), lengths(chain, 60_000));
    HandshakeMessage message = new HandshakeMessage(11, 7, 0xFEFD, new byte[16_373]);
    assertEquals(
        List.of(16_384, 13), message.fragments().stream().map(part -> part.length).toList());
    HandshakeMessage whole = new HandshakeMessage(11, 7, 0xFEFD, new byte[16_372]);
    assertEquals(List.of(16_384), whole.fragments().stream().map(part -> part.length).toList());
  }

  private static List<Integer> lengths(Flight flight, int mtu) {
    return flight.pack(mtu, () -> 0).stream().map(datagram -> datagram.length).toList();
  }

  @Test
  @DisplayName("DTLS-C5 a challenge answers with the hello's record number, and is never longer")
  void challenge() {
    CookieGate gate = new CookieGate(new byte[CookieGate.KEY_BYTES]);
    byte[] salt = {1, 2, 3, 4, 5, 6, 7, 8};
    ByteBuffer hello = hello(9, 0, new byte[0], 0);
    assertTrue(
        gate.judgeUntrusted(new byte[6], hello, salt, 0) instanceof CookieGate.Verdict.Challenge c
            && !c.isForBadCookie()
            && c.datagram().length <= hello.remaining()
            && split(ByteBuffer.wrap(c.datagram())).records().get(0).sequence() == 77
            && Arrays.equals(salt, Arrays.copyOfRange(c.datagram(), 28, 36)));
    ByteBuffer bad = hello(9, 0, new byte[32], 1);
    assertTrue(
        gate.judgeUntrusted(new byte[6], bad, salt, 0) instanceof CookieGate.Verdict.Challenge c
            && c.isForBadCookie());
    assertNull(gate.judgeUntrusted(new byte[6], ByteBuffer.allocate(60), salt, 0));
  }
}
