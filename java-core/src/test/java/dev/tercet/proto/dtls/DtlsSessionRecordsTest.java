package dev.tercet.proto.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.proto.dtls.DtlsSession.State;
import dev.tercet.proto.dtls.RecordProtection.Content;
import dev.tercet.proto.dtls.RecordProtection.Opened;
import dev.tercet.tls.DtlsInfo;
import dev.tercet.tls.TlsAlertException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What a session does with each record, by its type, epoch and number. The engine is at its end
 * when the test says so, and the keys are a letter: D is data, C a close_notify, A a fatal alert,
 * and all else is forged.
 */
class DtlsSessionRecordsTest {
  private static final long SECOND = 1_000_000_000L;
  private static final SessionSettings TWO_MESSAGES =
      new SessionSettings(SECOND, 10 * SECOND, 1472, 548, 2);

  private final TestEngine engine = new TestEngine();
  private final TestKeys keys = new TestKeys();
  private final DtlsSession session = DtlsSession.client(engine, TWO_MESSAGES);

  /** Ends when a test says so. */
  static final class TestEngine implements HandshakeEngine {
    final List<byte[]> fed = new ArrayList<>();
    @Nullable Step step;
    boolean aborted;

    @Override
    public void start() {}

    @Override
    public void feed(byte[] record) {
      fed.add(record);
    }

    @Override
    public @Nullable Step poll() {
      Step taken = step;
      step = null;
      return taken;
    }

    @Override
    public void abort() {
      aborted = true;
    }
  }

  /** As the class comment says. */
  static final class TestKeys implements RecordProtection {
    final List<Long> opened = new ArrayList<>();

    @Override
    public Opened open(DtlsRecord record) {
      opened.add(record.sequence());
      byte[] content = new byte[record.fragment().remaining()];
      record.fragment().get(content);
      return switch (content[0]) {
        case 'D' -> new Opened(Content.DATA, content);
        case 'C' -> new Opened(Content.CLOSE_NOTIFY, new byte[] {'c'});
        case 'A' ->
            new Opened(
                Content.FATAL_ALERT, null, new TlsAlertException("bad", new SSLException("bad")));
        default -> new Opened(Content.NOTHING, null);
      };
    }

    @Override
    public byte[] seal(byte[] data) {
      return data;
    }

    @Override
    public byte[] closeNotify() {
      return new byte[] {'c'};
    }

    @Override
    public DtlsInfo info() {
      return new DtlsInfo("DTLSv1.2", "suite", null, List.of(), List.of(), false);
    }

    @Override
    public int cleartextBytes(int datagramBytes) {
      return datagramBytes - 37;
    }
  }

  /** A record of an epoch; sealed ones are clear here. */
  private static ByteBuffer record(int type, int epoch, long number, String content) {
    byte[] fragment = content.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer record =
        ByteBuffer.wrap(DtlsRecord.clear(type, DtlsRecord.VERSION_1_2, number, fragment).bytes());
    return record.putShort(3, (short) epoch);
  }

  private void receive(int type, int epoch, long number, String content) {
    session.receive(record(type, epoch, number, content), 0);
  }

  private void data(long number, String content) {
    receive(DtlsRecord.APPLICATION_DATA, 1, number, content);
  }

  private boolean isOurs(long number, String content) {
    ByteBuffer datagram = record(DtlsRecord.APPLICATION_DATA, 1, number, content);
    return session.receiveIfOurs(DtlsRecord.splitUntrusted(datagram).records().get(0));
  }

  private @Nullable String message() {
    byte[] message = session.pollMessage();
    return message == null ? null : new String(message, StandardCharsets.ISO_8859_1);
  }

  private void start() {
    session.start(0);
    assertEquals(State.HANDSHAKING, session.state());
  }

  private void established() {
    start();
    finish();
  }

  private void finish() {
    engine.step = new HandshakeEngine.Step(List.of(), keys, null);
    session.engineReady(0);
    assertEquals(State.ESTABLISHED, session.state());
  }

  @Test
  @DisplayName("DTLS-L3 a record that was received before is not opened again, and counted")
  void replayed() {
    established();
    data(7, "D7");
    data(7, "D7");
    assertEquals("D7", message());
    assertNull(message());
    assertEquals(List.of(7L), keys.opened);
    assertEquals(1, session.statistics().replayed());
  }

  @Test
  @DisplayName("DTLS-L3 a forged record moves no window: what it pushed aside is still received")
  void forged() {
    established();
    data(1000, "forged");
    data(1, "D1");
    data(1000, "D2");
    assertEquals("D1", message());
    assertEquals("D2", message());
    assertEquals(1, session.statistics().forged());
    assertEquals(0, session.statistics().replayed());
  }

  @Test
  @DisplayName("DTLS-L3 only records of epoch 1 are opened; clear ones and later ones are counted")
  void epochs() {
    established();
    receive(DtlsRecord.APPLICATION_DATA, 0, 1, "Dclear");
    receive(DtlsRecord.ALERT, 0, 2, "Calert");
    assertEquals(2, session.statistics().clearAlerts());
    receive(DtlsRecord.APPLICATION_DATA, 2, 3, "Dlater");
    receive(DtlsRecord.HANDSHAKE, 2, 4, "Dlater");
    assertEquals(2, session.statistics().malformed());
    assertNull(message());
    assertEquals(List.of(), keys.opened);
    assertEquals(State.ESTABLISHED, session.state());
  }

  @Test
  @DisplayName(
      "DTLS-D10 what was sealed early is kept for the keys, within a limit; the clear is not")
  void early() {
    start();
    receive(DtlsRecord.APPLICATION_DATA, 0, 1, "Dclear");
    assertEquals(1, session.statistics().malformed());
    receive(DtlsRecord.APPLICATION_DATA, 2, 1, "Dlater");
    assertEquals(2, session.statistics().malformed());
    data(1, "D1");
    // As data is, since only the clear one announces keys.
    receive(DtlsRecord.CHANGE_CIPHER_SPEC, 1, 2, "D2");
    data(3, "D3");
    assertNull(message());
    finish();
    assertEquals("D1", message());
    assertEquals("D2", message());
    assertNull(message());
    assertEquals(List.of(1L, 2L), keys.opened);
  }

  @Test
  @DisplayName("DTLS-A3 messages that nobody receives are dropped beyond the limit, and counted")
  void overflow() {
    established();
    data(1, "D1");
    data(2, "D2");
    data(3, "D3");
    assertEquals(1, session.statistics().incomingPacketsDropped());
    byte[] next = session.peekMessage();
    assertNotNull(next);
    assertArrayEquals(new byte[] {'D', '1'}, next);
    assertEquals("D1", message());
    data(4, "D4");
    assertEquals("D2", message());
    assertEquals("D4", message());
  }

  @Test
  @DisplayName(
      "DTLS-H1 a record that may be somebody else's leaves no trace when the keys refuse it")
  void ours() {
    start();
    assertFalse(isOurs(1, "D1"), "there are no keys");
    finish();
    assertFalse(isOurs(1, "forged"));
    assertTrue(isOurs(1, "D1"));
    assertFalse(isOurs(1, "D1"), "a replay");
    assertEquals(List.of(1L, 1L), keys.opened);
    assertEquals("D1", message());
    assertEquals(0, session.statistics().forged());
    assertEquals(0, session.statistics().replayed());
    session.close(false);
    assertFalse(isOurs(2, "D2"), "closed");
  }

  @Test
  @DisplayName("DTLS-L3 a close_notify that opens ends the session, once, with its answer")
  void closeNotify() {
    established();
    data(1, "C");
    assertEquals(State.PEER_CLOSED, session.state());
    assertArrayEquals(new byte[] {'c'}, session.pollDatagram());
    data(2, "D2");
    assertNull(message());
    assertEquals(List.of(1L), keys.opened);
    assertThrows(IllegalStateException.class, () -> session.send(new byte[1]));
  }

  @Test
  @DisplayName("DTLS-L3 a fatal alert that opens is the failure; a second one is not")
  void fatalAlert() {
    established();
    data(1, "A");
    assertEquals(State.FAILED, session.state());
    Throwable failure = session.failure();
    assertTrue(failure instanceof TlsAlertException, String.valueOf(failure));
    data(2, "A");
    assertSame(failure, session.failure());
    assertEquals(List.of(1L), keys.opened);
  }

  @Test
  @DisplayName("a message has 1 to 16384 bytes, and needs keys")
  void send() {
    assertThrows(IllegalStateException.class, () -> session.send(new byte[1]));
    assertEquals(-1, session.cleartextBytes(1472));
    assertNull(session.info());
    established();
    assertThrows(IllegalArgumentException.class, () -> session.send(new byte[0]));
    assertThrows(IllegalArgumentException.class, () -> session.send(new byte[16_385]));
    assertNull(session.pollDatagram());
    byte[] longest = new byte[16_384];
    session.send(longest);
    assertSame(longest, session.pollDatagram());
    assertEquals(1435, session.cleartextBytes(1472));
    assertNotNull(session.info());
  }

  @Test
  @DisplayName("a close sends close_notify only with keys and on request, and aborts a handshake")
  void close() {
    start();
    assertEquals(10 * SECOND, session.nextDeadlineNanos());
    session.close(true);
    assertTrue(engine.aborted);
    assertNull(session.pollDatagram());
    assertEquals(State.CLOSED, session.state());
    assertEquals(RetransmitTimer.NEVER, session.nextDeadlineNanos());

    TestEngine other = new TestEngine();
    DtlsSession second = DtlsSession.client(other, TWO_MESSAGES);
    second.start(0);
    other.step = new HandshakeEngine.Step(List.of(), keys, null);
    second.engineReady(0);
    second.close(false);
    assertNull(second.pollDatagram());
    assertFalse(other.aborted);
  }

  @Test
  @DisplayName("a close with keys sends close_notify when it is asked to")
  void closeNotifyOnRequest() {
    established();
    session.close(true);
    assertArrayEquals(new byte[] {'c'}, session.pollDatagram());
    assertFalse(engine.aborted);
  }

  @Test
  @DisplayName(
      "DTLS-D6 a handshake that has no answer fails at its limit, and tells of a clear alert")
  void limit() {
    start();
    receive(DtlsRecord.ALERT, 0, 1, "\u0002(");
    assertEquals(1, session.statistics().clearAlerts());
    session.onTimeout(10 * SECOND - 1);
    assertEquals(State.HANDSHAKING, session.state());
    session.onTimeout(10 * SECOND);
    assertEquals(State.FAILED, session.state());
    assertTrue(engine.aborted);
    String why = String.valueOf(session.failure());
    assertTrue(why.contains("no answer to 0 tries within its time limit"), why);
    assertTrue(why.contains("perhaps the peer's: handshake_failure"), why);
  }

  @Test
  @DisplayName("DTLS-D6 without an alert none is told of; one of a strange length is no hint")
  void limitWithoutHint() {
    start();
    receive(DtlsRecord.ALERT, 0, 1, "(");
    session.onTimeout(10 * SECOND);
    String why = String.valueOf(session.failure());
    assertFalse(why.contains("alert"), why);
  }
}
