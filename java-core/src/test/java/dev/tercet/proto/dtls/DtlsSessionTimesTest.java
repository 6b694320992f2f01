package dev.tercet.proto.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.proto.dtls.DtlsSession.State;
import dev.tercet.proto.dtls.DtlsSessionRecordsTest.TestEngine;
import dev.tercet.proto.dtls.DtlsSessionRecordsTest.TestKeys;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** When a session repeats its flight, and with which numbers and sizes its records go out. */
class DtlsSessionTimesTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int HELLO = HandshakeMessage.CLIENT_HELLO;
  private static final int SERVER_HELLO = 2;

  private final TestEngine engine = new TestEngine();
  private final TestKeys keys = new TestKeys();
  private DtlsSession session = session(10 * SECOND);

  private DtlsSession session(long limitNanos) {
    return DtlsSession.client(engine, new SessionSettings(SECOND, limitNanos, 1472, 548, 2));
  }

  /** A handshake message of one record, as an engine gives it. */
  private static byte[] message(int type, int number, int length) {
    ByteBuffer message = ByteBuffer.allocate(12 + length);
    message.putInt(type << 24 | length).putShort((short) number);
    message.position(9);
    message.put((byte) 0).putShort((short) length);
    return DtlsRecord.clear(DtlsRecord.HANDSHAKE, DtlsRecord.VERSION_1_2, 0, message.array())
        .bytes();
  }

  private static byte[] alert() {
    return DtlsRecord.clear(DtlsRecord.ALERT, DtlsRecord.VERSION_1_2, 0, new byte[] {1, 90})
        .bytes();
  }

  private void says(@Nullable RecordProtection protection, byte[]... records) {
    engine.step = new HandshakeEngine.Step(List.of(records), protection, null);
  }

  private void receive(int type, int epoch, String content) {
    byte[] fragment = content.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer record =
        ByteBuffer.wrap(DtlsRecord.clear(type, DtlsRecord.VERSION_1_2, 7, fragment).bytes());
    session.receive(record.putShort(3, (short) epoch), 0);
  }

  /** The numbers of the records in the datagrams that were sent. */
  private List<Long> sent() {
    List<Long> numbers = new ArrayList<>();
    byte[] datagram;
    while ((datagram = session.pollDatagram()) != null) {
      for (DtlsRecord record : DtlsRecord.splitUntrusted(ByteBuffer.wrap(datagram)).records()) {
        numbers.add(record.sequence());
      }
    }
    return numbers;
  }

  private void start() {
    says(null, message(HELLO, 0, 50));
    session.start(0);
    assertEquals(List.of(0L), sent());
  }

  @Test
  @DisplayName(
      "DTLS-E2 DTLS-E6 DTLS-D6 a flight goes out again after 1, 3 and 7 s, until the time limit")
  void doubling() {
    start();
    long number = 1;
    for (long due : new long[] {1, 3, 7}) {
      assertEquals(due * SECOND, session.nextDeadlineNanos());
      session.onTimeout(due * SECOND - 1);
      assertEquals(List.of(), sent());
      session.onTimeout(due * SECOND);
      assertEquals(List.of(number++), sent());
      // The second time goes out in smaller datagrams, if there are smaller ones.
      assertEquals(due > 1 ? 1 : 0, session.statistics().mtuFallbacks());
    }
    assertEquals(3, session.statistics().retransmits());
    assertEquals(10 * SECOND, session.nextDeadlineNanos());
    session.onTimeout(10 * SECOND - 1);
    assertEquals(State.HANDSHAKING, session.state());
    session.onTimeout(10 * SECOND);
    assertEquals(State.FAILED, session.state());
    assertTrue(String.valueOf(session.failure()).contains("no answer to 4 tries"));
    assertTrue(engine.aborted);
    assertEquals(RetransmitTimer.NEVER, session.nextDeadlineNanos());
  }

  @Test
  @DisplayName("DTLS-E2 times may pass the end of the clock's numbers, and there may be no limit")
  void deadlines() {
    says(null, message(HELLO, 0, 50));
    long late = Long.MAX_VALUE - SECOND / 2;
    session.start(late);
    assertEquals(late + SECOND, session.nextDeadlineNanos());
    session = session(RetransmitTimer.NEVER);
    says(null, message(HELLO, 0, 50));
    session.start(0);
    assertEquals(SECOND, session.nextDeadlineNanos());
    session = session(10 * SECOND);
    session.start(0);
    assertEquals(10 * SECOND, session.nextDeadlineNanos());
  }

  @Test
  @DisplayName("DTLS-C14 the endpoint may repeat a flight half a timeout after it went out last")
  void repeatFlight() {
    start();
    session.repeatFlight(SECOND / 2 - 1);
    assertEquals(List.of(), sent());
    session.repeatFlight(SECOND / 2);
    assertEquals(List.of(1L), sent());
    session.onTimeout(SECOND);
    assertEquals(List.of(2L), sent());
    session.repeatFlight(SECOND + SECOND / 2 - 1);
    assertEquals(List.of(), sent());
    session.repeatFlight(SECOND + SECOND / 2);
    assertEquals(List.of(3L), sent());
    assertEquals(3, session.statistics().retransmits());
  }

  @Test
  @DisplayName("the last flight goes out again, not more often than each half timeout")
  void lastFlight() {
    says(keys, message(HELLO, 0, 50));
    session.start(0);
    assertEquals(State.ESTABLISHED, session.state());
    assertEquals(List.of(0L), sent());
    ByteBuffer repeated = ByteBuffer.wrap(message(HELLO, 1, 50));
    session.receive(repeated, 0);
    assertEquals(List.of(1L), sent());
    session.receive(repeated, SECOND / 2 - 1);
    assertEquals(List.of(), sent());
    session.receive(repeated, SECOND / 2);
    assertEquals(List.of(2L), sent());
    assertEquals(2, session.statistics().finalFlightResends());
    receive(DtlsRecord.APPLICATION_DATA, 1, "D");
    session.receive(repeated, 9 * SECOND);
    assertEquals(List.of(), sent());
    assertEquals(2, session.statistics().finalFlightResends());
  }

  @Test
  @DisplayName("an alert in clear text gets the next number")
  void alerts() {
    start();
    says(null, alert(), alert());
    session.receive(ByteBuffer.wrap(message(SERVER_HELLO, 0, 10)), 0);
    assertEquals(List.of(1L, 2L), sent());
    receive(DtlsRecord.ALERT, 0, "\2\50");
    receive(DtlsRecord.ALERT, 0, "\2");
    assertEquals(2, session.statistics().clearAlerts());
    session.onTimeout(10 * SECOND);
    assertTrue(String.valueOf(session.failure()).contains("perhaps the peer's: handshake_failure"));
  }

  @Test
  @DisplayName("what is malformed, refused and forged is counted, before the keys and after")
  void counters() {
    start();
    receive(DtlsRecord.HANDSHAKE, 2, "later");
    receive(DtlsRecord.HANDSHAKE, 0, "no message");
    assertEquals(2, session.statistics().malformed());
    // A client has no use for a ClientHello.
    session.receive(ByteBuffer.wrap(message(HELLO, 0, 10)), 0);
    assertEquals(1, session.statistics().refused());
    receive(DtlsRecord.HANDSHAKE, 1, "short");
    assertEquals(1, session.statistics().forged());
    says(keys);
    session.receive(ByteBuffer.wrap(message(SERVER_HELLO, 0, 10)), 0);
    assertNotNull(session.info());
    receive(DtlsRecord.APPLICATION_DATA, 1, "forged");
    assertEquals(2, session.statistics().forged());
    assertEquals(2, session.statistics().malformed());
  }

  @Test
  @DisplayName("DTLS-E8 DTLS-E14 a flight goes out in datagrams of the length that is set")
  void mtu() {
    session.setMtuBytes(100);
    says(null, message(16, 0, 300));
    session.start(0);
    int datagrams = 0;
    byte[] datagram;
    while ((datagram = session.pollDatagram()) != null) {
      assertTrue(datagram.length <= 100, datagram.length + " bytes");
      datagrams++;
    }
    // 75 bytes of the message in each.
    assertEquals(4, datagrams);
    assertNull(session.info());
    assertEquals(-1, session.cleartextBytes(100));
  }
}
