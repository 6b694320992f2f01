package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ResourceException;
import dev.tercet.proto.tls.MachinePair.Step;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsTruncatedException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The steps of a machine, one by one, and what each needs. */
class TlsStepsTest {
  private static final HandshakeStatus NOTHING = HandshakeStatus.NOT_HANDSHAKING;
  private static final byte[] FLIGHT = StubEngine.record(StubEngine.HANDSHAKE, (byte) 'H');
  private static final byte[] RECORD = StubEngine.record(StubEngine.DATA, (byte) 7);
  private static final byte[] ALERT = StubEngine.record(StubEngine.ALERT, (byte) 'X');

  private final MachinePair.FreshBuffers buffers = new MachinePair.FreshBuffers();
  private ScriptedEngine engine = new ScriptedEngine(false);
  private TlsMachine machine = machine(TlsRole.SERVER, false);

  private TlsMachine machine(TlsRole role, boolean https) {
    engine = new ScriptedEngine(role == TlsRole.CLIENT);
    engine.status = HandshakeStatus.NEED_UNWRAP;
    machine = new TlsMachine(engine, PeerDemands.NONE, role, https, buffers);
    machine.begin(0);
    return machine;
  }

  private static ScriptedEngine.Call reads(HandshakeStatus told, byte[] record, byte... data) {
    return ScriptedEngine.reads(Status.OK, told, record.length, data);
  }

  private void open(String version) throws ResourceException {
    engine.session.open(version);
    engine.onUnwrap(engine.then(NOTHING, reads(HandshakeStatus.FINISHED, FLIGHT)));
    machine.feed(FLIGHT.clone());
    assertEquals(TlsNeed.NOTHING, machine.handshake());
    assertEquals(0, engine.wrapped);
  }

  private byte[] output() {
    ByteBuffer batch = machine.takeOutput();
    byte[] bytes = new byte[batch == null ? 0 : batch.remaining()];
    if (batch != null) {
      batch.get(bytes);
      machine.outputSent(batch);
    }
    return bytes;
  }

  private void assertReason(String part, Step step) {
    BrokenResourceException e = assertThrows(BrokenResourceException.class, step::take);
    assertTrue(e.reason().contains(part), e.reason());
  }

  private static ByteBuffer room(int bytes) {
    return ByteBuffer.allocate(bytes);
  }

  /** One turn of the engine that leads to that wish. */
  private void wish(HandshakeStatus status) throws ResourceException {
    engine.onUnwrap(engine.then(status, reads(NOTHING, RECORD, (byte) 1)));
    machine.feed(RECORD.clone());
    assertEquals(TlsNeed.NOTHING, machine.read(room(100)));
  }

  @Test
  @DisplayName("TLS-B4 a flight goes out before a computation begins, in each operation")
  void sendBeforeCompute() throws Exception {
    machine = machine(TlsRole.CLIENT, false);
    for (boolean flight : new boolean[] {true, false}) {
      if (flight) {
        engine.onUnwrap(engine.then(HandshakeStatus.NEED_WRAP, reads(NOTHING, FLIGHT)));
        engine.onWrap(
            engine.then(
                HandshakeStatus.NEED_TASK,
                ScriptedEngine.gives(Status.OK, HandshakeStatus.NEED_TASK, FLIGHT)));
      } else {
        engine.onUnwrap(engine.then(HandshakeStatus.NEED_TASK, reads(NOTHING, FLIGHT)));
      }
      engine.task = () -> {};
      machine.feed(FLIGHT.clone());
      TlsNeed first = flight ? TlsNeed.SEND : TlsNeed.COMPUTE;
      assertEquals(first, machine.handshake());
      assertEquals(first, machine.read(room(9)));
      assertEquals(first, machine.write(room(9)));
      assertArrayEquals(flight ? FLIGHT : new byte[0], output());
      assertEquals(TlsNeed.COMPUTE, machine.handshake());
      assertEquals(TlsNeed.COMPUTE, machine.read(room(9)));
      assertEquals(TlsNeed.COMPUTE, machine.write(room(9)));
      assertNotNull(machine.takeTask());
      assertEquals(TlsNeed.TURN, machine.handshake());
      assertEquals(TlsNeed.TURN, machine.read(room(9)));
      assertEquals(TlsNeed.TURN, machine.write(room(9)));
      assertEquals(TlsNeed.TURN, machine.closeOutbound());
      engine.status = HandshakeStatus.NEED_UNWRAP;
      machine.taskDone(null);
      assertEquals(TlsNeed.RECEIVE, machine.handshake());
    }
  }

  @Test
  @DisplayName("TLS-R6 what a computation throws is the failure of the session")
  void taskFails() {
    machine.taskDone(new IllegalStateException("no"));
    assertTrue(machine.hasFailed());
    assertReason("the TLS engine failed", machine::handshake);
  }

  @Test
  @DisplayName("TLS-B1 a handshake is done when its last flight is out")
  void lastFlight() throws Exception {
    machine = machine(TlsRole.CLIENT, false);
    engine.onUnwrap(
        engine.then(HandshakeStatus.NEED_WRAP, reads(HandshakeStatus.FINISHED, FLIGHT)));
    engine.onWrap(engine.then(NOTHING, ScriptedEngine.gives(Status.OK, NOTHING, FLIGHT)));
    machine.feed(FLIGHT.clone());
    assertNull(machine.info());
    assertEquals(TlsNeed.SEND, machine.handshake());
    assertNotNull(machine.info());
    assertArrayEquals(FLIGHT, output());
    assertEquals(TlsNeed.NOTHING, machine.handshake());
    assertEquals(1, engine.unwrapped);
  }

  @Test
  @DisplayName("TLS-R-d an engine that finishes when it has nothing more to read is not waited for")
  void finishedWithoutBytes() throws Exception {
    engine.onUnwrap(
        engine.then(
            NOTHING, ScriptedEngine.idle(Status.BUFFER_UNDERFLOW, HandshakeStatus.FINISHED)));
    assertEquals(TlsNeed.NOTHING, machine.handshake());
    assertNotNull(machine.info());
  }

  @Test
  @DisplayName("TLS-B10 an engine that has closed itself in the handshake is a failure")
  void closedInHandshake() {
    engine.inboundDone = true;
    engine.onUnwrap(ScriptedEngine.idle(Status.CLOSED, NOTHING));
    assertReason("closed the connection during the handshake", machine::handshake);
    assertFalse(machine.isPeerClosed());
  }

  @Test
  @DisplayName(
      "TLS-B10 close_notify in the handshake is a failure, and never the end of what is read")
  void closeNotifyInHandshake() {
    engine.inboundDone = true;
    engine.onUnwrap(ScriptedEngine.reads(Status.CLOSED, HandshakeStatus.NEED_UNWRAP, ALERT.length));
    machine.feed(ALERT.clone());
    for (int i = 0; i < 2; i++) {
      assertReason("closed the connection during the handshake", () -> machine.read(room(1)));
      assertFalse(machine.isPeerClosed());
    }
  }

  @Test
  @DisplayName(
      "TLS-G1 close_notify in the record that ends the handshake is the end, and no failure")
  void closedAtTheEndOfTheHandshake() throws Exception {
    engine.inboundDone = true;
    engine.onUnwrap(
        engine.then(
            NOTHING, ScriptedEngine.reads(Status.CLOSED, HandshakeStatus.FINISHED, FLIGHT.length)));
    machine.feed(FLIGHT.clone());
    assertEquals(TlsNeed.NOTHING, machine.handshake());
    assertTrue(machine.isPeerClosed());
    assertEquals(TlsNeed.NOTHING, machine.read(room(1)));
  }

  @Test
  @DisplayName("TLS-B12 tickets that were none are sent when the handshake waits for the peer")
  void noTickets() throws Exception {
    engine.session.protocol = "TLSv1.3";
    engine.onUnwrap(engine.then(HandshakeStatus.NEED_WRAP, reads(NOTHING, FLIGHT)));
    engine.onWrap(
        engine.then(
            HandshakeStatus.NEED_UNWRAP,
            ScriptedEngine.gives(Status.OK, HandshakeStatus.NEED_UNWRAP, RECORD)));
    machine.feed(FLIGHT.clone());
    assertEquals(TlsNeed.SEND, machine.handshake());
    assertArrayEquals(RECORD, output());
    assertEquals(TlsNeed.RECEIVE, machine.handshake());
  }

  @Test
  @DisplayName("TLS-L3 an answer after the handshake waits, and receiving does not send it")
  void lazyAnswer() throws Exception {
    open("TLSv1.3");
    wish(HandshakeStatus.NEED_WRAP);
    engine.onWrap(engine.then(NOTHING, ScriptedEngine.gives(Status.OK, NOTHING, RECORD)));
    assertEquals(TlsNeed.RECEIVE, machine.read(room(9)));
    assertEquals(0, machine.urgentMark());
    assertEquals(RECORD.length, machine.mark());
    assertFalse(machine.isSent(machine.mark()));
    assertTrue(machine.isSent(machine.urgentMark()));
  }

  @Test
  @DisplayName("TLS-L4 an urgent answer is sent before receiving waits")
  void urgentAnswer() throws Exception {
    open("TLSv1.2");
    wish(HandshakeStatus.NEED_WRAP);
    engine.onWrap(engine.then(NOTHING, ScriptedEngine.gives(Status.OK, NOTHING, RECORD)));
    assertEquals(TlsNeed.SEND, machine.read(room(9)));
    assertArrayEquals(RECORD, output());
    assertEquals(TlsNeed.RECEIVE, machine.read(room(9)));
  }

  @Test
  @DisplayName("TLS-G2 TLS-B10 an end of the transport is a truncation, and says when it was")
  void truncated() throws Exception {
    machine.feedEof();
    BrokenResourceException early =
        assertThrows(BrokenResourceException.class, () -> machine.handshake());
    assertTrue(assertInstanceOf(TlsTruncatedException.class, early.getCause()).duringHandshake());
    machine = machine(TlsRole.SERVER, false);
    open("TLSv1.3");
    machine.feedEof();
    BrokenResourceException late =
        assertThrows(BrokenResourceException.class, () -> machine.read(room(1)));
    assertFalse(assertInstanceOf(TlsTruncatedException.class, late.getCause()).duringHandshake());
    assertTrue(machine.hasFailed());
  }

  @Test
  @DisplayName(
      "TLS-G3 TLS-G4 https: an end is the end after the handshake, not before, not a failure")
  void https() throws Exception {
    machine = machine(TlsRole.SERVER, true);
    machine.feedEof();
    assertThrows(BrokenResourceException.class, () -> machine.handshake());
    assertThrows(BrokenResourceException.class, () -> machine.read(room(1)));
    machine = machine(TlsRole.SERVER, true);
    open("TLSv1.3");
    machine.feedEof();
    assertEquals(TlsNeed.NOTHING, machine.read(room(1)));
    assertEquals(TlsNeed.NOTHING, machine.read(room(1)));
    assertThrows(BrokenResourceException.class, () -> machine.write(room(1)));
    machine = machine(TlsRole.SERVER, true);
    open("TLSv1.3");
    engine.onUnwrap(ScriptedEngine.fails("no"));
    machine.feed(RECORD.clone());
    assertReason("no", () -> machine.read(room(1)));
    assertReason("no", () -> machine.read(room(1)));
  }

  @Test
  @DisplayName("TLS-R-l an engine that closes its receiving half by itself is a failure")
  void deaf() throws Exception {
    open("TLSv1.3");
    engine.inboundDone = true;
    assertFalse(machine.closesBothHalves(), "this side has not closed");
    engine.onUnwrap(ScriptedEngine.idle(Status.CLOSED, NOTHING));
    assertReason("closed its receiving half by itself", () -> machine.read(room(1)));
    assertFalse(machine.isPeerClosed());
  }

  @Test
  @DisplayName("TLS-D4 TLS-D10 data that was decrypted comes without the engine, before a failure")
  void plainFirst() throws Exception {
    open("TLSv1.3");
    assertFalse(machine.hasInput());
    engine.onUnwrap(reads(NOTHING, RECORD, (byte) 1, (byte) 2, (byte) 3));
    machine.feed(RECORD.clone());
    assertTrue(machine.hasInput());
    assertFalse(machine.hasPlaintext());
    ByteBuffer into = room(1);
    assertEquals(TlsNeed.NOTHING, machine.read(into));
    assertEquals(1, into.get(0));
    assertTrue(machine.hasPlaintext());
    assertTrue(machine.hasInput());
    int unwrapped = engine.unwrapped;
    assertEquals(TlsNeed.NOTHING, machine.read(into.clear()));
    assertEquals(2, into.get(0));
    machine.taskDone(new IllegalStateException("no"));
    assertEquals(TlsNeed.NOTHING, machine.read(into.clear()));
    assertEquals(3, into.get(0));
    assertEquals(unwrapped, engine.unwrapped);
    assertFalse(machine.hasPlaintext());
    assertReason("failed", () -> machine.read(into.clear()));
  }

  @Test
  @DisplayName("TLS-D4 TLS-R6 data that was decrypted is read while a computation runs")
  void plainWhileComputing() throws Exception {
    open("TLSv1.3");
    engine.onUnwrap(
        engine.then(HandshakeStatus.NEED_TASK, reads(NOTHING, RECORD, (byte) 1, (byte) 2)));
    engine.task = () -> {};
    machine.feed(RECORD.clone());
    ByteBuffer into = room(1);
    assertEquals(TlsNeed.NOTHING, machine.read(into));
    assertEquals(TlsNeed.COMPUTE, machine.handshake());
    assertNotNull(machine.takeTask());
    assertEquals(TlsNeed.NOTHING, machine.read(into.clear()));
    assertEquals(2, into.get(0));
    assertEquals(TlsNeed.TURN, machine.read(into.clear()));
  }

  @Test
  @DisplayName("TLS-D2 a read with data ends where the engine has no more, or wants something else")
  void endsWithData() throws Exception {
    open("TLSv1.3");
    engine.onUnwrap(reads(NOTHING, RECORD, (byte) 1));
    engine.onUnwrap(ScriptedEngine.idle(Status.BUFFER_UNDERFLOW, NOTHING));
    engine.onUnwrap(reads(NOTHING, RECORD, (byte) 2));
    machine.feed(RECORD.clone());
    machine.feed(RECORD.clone());
    ByteBuffer into = room(20);
    assertEquals(TlsNeed.NOTHING, machine.read(into));
    assertEquals(1, into.position());
    assertEquals(TlsNeed.NOTHING, machine.read(into));
    assertEquals(2, into.position());
    assertEquals(TlsNeed.RECEIVE, machine.read(into), "no data, so it waits");
    assertEquals(2, into.position());
  }

  @Test
  @DisplayName("TLS-D6 records without data do not end a read")
  void emptyRecords() throws Exception {
    open("TLSv1.3");
    engine.onUnwrap(reads(NOTHING, RECORD));
    engine.onUnwrap(reads(NOTHING, RECORD, (byte) 2));
    machine.feed(RECORD.clone());
    machine.feed(RECORD.clone());
    ByteBuffer into = room(20);
    assertEquals(TlsNeed.NOTHING, machine.read(into));
    assertEquals(1, into.position());
  }

  /** Records for the engine: with a byte of data for each 1, without for each 0. */
  private void records(int... data) {
    for (int each : data) {
      engine.onUnwrap(reads(NOTHING, RECORD, new byte[each]));
      machine.feed(RECORD.clone());
    }
  }

  @Test
  @DisplayName("TLS-L9 a read with data returns after 32 records without, in that read")
  void boundedRead() throws Exception {
    open("TLSv1.3");
    records(1);
    records(new int[31]);
    records(1, 1);
    ByteBuffer into = room(100);
    assertEquals(TlsNeed.NOTHING, machine.read(into));
    assertEquals(3, into.position());
    records(1);
    records(new int[32]);
    records(1, 1);
    assertEquals(TlsNeed.NOTHING, machine.read(into.clear()));
    assertEquals(1, into.position());
    assertEquals(TlsNeed.NOTHING, machine.read(into.clear()));
    assertEquals(2, into.position());
  }

  @Test
  @DisplayName("TLS-G10 when the engine takes no more data, writing says that the peer has closed")
  void outboundDone() throws Exception {
    open("TLSv1.2");
    wish(HandshakeStatus.NEED_WRAP);
    engine.onWrap(engine.then(NOTHING, ScriptedEngine.gives(Status.CLOSED, NOTHING, ALERT)));
    assertEquals(TlsNeed.SEND, machine.read(room(9)));
    assertReason("the peer has closed the TLS connection", () -> machine.write(room(1)));
    assertEquals(TlsNeed.NOTHING, machine.write(room(0)), "nothing can be written");
  }

  @Test
  @DisplayName("TLS-R-m TLS-C1 an engine that wants a computation and has none is asked again")
  void writeWithoutTask() throws Exception {
    open("TLSv1.3");
    wish(HandshakeStatus.NEED_TASK);
    engine.status = NOTHING;
    engine.onWrap(ScriptedEngine.encrypts(1, RECORD));
    assertEquals(TlsNeed.NOTHING, machine.write(room(1)));
    assertArrayEquals(RECORD, output());
  }

  @Test
  @DisplayName("TLS-C1 an engine that fails when it encrypts has failed, at once")
  void writeFails() throws Exception {
    open("TLSv1.3");
    engine.onWrap(ScriptedEngine.fails("no"));
    assertReason("no", () -> machine.write(room(1)));
    assertReason("no", () -> machine.write(room(0)));
    assertReason("no", () -> machine.closeOutbound());
  }

  @Test
  @DisplayName("TLS-C10 TLS-B12 a batch ends where it is full, or with what the peer waits for")
  void batches() throws Exception {
    open("TLSv1.2");
    byte[] large = StubEngine.record(StubEngine.DATA, new byte[30_000]);
    engine.session.packetBytes = 30_005;
    for (int i = 0; i < 3; i++) {
      engine.onWrap(ScriptedEngine.encrypts(1, large));
    }
    ByteBuffer data = room(3);
    assertEquals(TlsNeed.SEND, machine.write(data));
    assertEquals(1, data.remaining());
    assertEquals(2 * 30_005, output().length);
    assertEquals(TlsNeed.NOTHING, machine.write(data));
    assertEquals(30_005, output().length);
    wish(HandshakeStatus.NEED_WRAP);
    engine.onWrap(engine.then(NOTHING, ScriptedEngine.gives(Status.OK, NOTHING, ALERT)));
    engine.onWrap(ScriptedEngine.encrypts(1, RECORD));
    assertEquals(TlsNeed.SEND, machine.write(data.clear()));
    assertEquals(3, data.remaining());
    assertArrayEquals(ALERT, output());
  }

  @Test
  @DisplayName("TLS-B12 what the engine has to say behind urgent output goes with it")
  void ownWordsBehindUrgent() throws Exception {
    open("TLSv1.2");
    wish(HandshakeStatus.NEED_WRAP);
    engine.onWrap(ScriptedEngine.gives(Status.OK, HandshakeStatus.NEED_WRAP, ALERT));
    engine.onWrap(engine.then(NOTHING, ScriptedEngine.gives(Status.OK, NOTHING, RECORD)));
    assertEquals(TlsNeed.SEND, machine.write(room(1)));
    assertArrayEquals(Hellos.join(ALERT, RECORD), output());
  }

  @Test
  @DisplayName("TLS-H1 TLS-H13 what comes behind a release is not kept")
  void released() {
    assertTrue(machine.release());
    machine.feed(RECORD.clone());
    assertFalse(machine.hasInput());
    assertEquals(0, buffers.lent);
  }

  @Test
  @DisplayName("TLS-I2 there are no trailing bytes before close_notify")
  void trailing() throws Exception {
    open("TLSv1.3");
    machine.feed(RECORD.clone());
    assertEquals(0, machine.takeTrailing().length);
    assertTrue(machine.hasInput());
  }

  @Test
  @DisplayName(
      "TLS-B20 plaintext is looked for in the first bytes only, and a strange record answered")
  void plaintext() throws Exception {
    machine.feed("GET ".getBytes(StandardCharsets.US_ASCII));
    assertReason("it sent \"GET \"", machine::handshake);
    assertEquals(0, output().length);
    machine = machine(TlsRole.SERVER, false);
    machine.feed(new byte[] {99, 3, 1});
    assertReason("it sent \"c..\"", machine::handshake);
    assertTrue(machine.hasAlert());
    assertArrayEquals(TlsAlert.UNEXPECTED_MESSAGE.record(), output());
    assertFalse(machine.hasAlert());
    machine = machine(TlsRole.SERVER, false);
    machine.feed(new byte[] {StubEngine.HANDSHAKE});
    machine.feed("GET ".getBytes(StandardCharsets.US_ASCII));
    assertEquals(TlsNeed.RECEIVE, machine.handshake());
    machine = machine(TlsRole.SERVER, false);
    machine.taskDone(new IllegalStateException("first"));
    machine.feed("GET ".getBytes(StandardCharsets.US_ASCII));
    assertReason("the TLS engine failed", machine::handshake);
  }

  @Test
  @DisplayName("TLS-C5 when output is lost, nothing is sent, and what has come is read")
  void lost() throws Exception {
    open("TLSv1.2");
    engine.onWrap(ScriptedEngine.encrypts(1, RECORD));
    assertEquals(TlsNeed.NOTHING, machine.write(room(1)));
    assertFalse(machine.hasLostOutput());
    machine.outputLost();
    assertTrue(machine.hasLostOutput());
    assertEquals(0, output().length);
    wish(HandshakeStatus.NEED_WRAP);
    engine.onWrap(engine.then(NOTHING, ScriptedEngine.gives(Status.OK, NOTHING, RECORD)));
    assertEquals(TlsNeed.RECEIVE, machine.read(room(9)));
    assertTrue(machine.isSent(machine.mark()));
  }

  @Test
  @DisplayName("TLS-H1 close_notify is said once; it does not close the other half")
  void close() throws Exception {
    open("TLSv1.3");
    engine.onWrap(ScriptedEngine.gives(Status.CLOSED, NOTHING, ALERT));
    assertEquals(TlsNeed.NOTHING, machine.closeOutbound());
    assertEquals(TlsNeed.NOTHING, machine.closeOutbound());
    assertEquals(1, engine.outboundClosed);
    assertArrayEquals(ALERT, output());
    assertFalse(machine.closesBothHalves());
    engine.inboundDone = true;
    assertTrue(machine.closesBothHalves());
  }

  @Test
  @DisplayName(
      "TLS-N2 a machine that chooses has nothing to choose once it has an engine or failed")
  void choosing() throws Exception {
    assertNull(machine.hello());
    machine.refuse(TlsAlert.INTERNAL_ERROR, "late", new Exception("late"));
    assertFalse(machine.hasFailed(), "there is an engine");
    TlsMachine choosing = TlsMachine.choosing(buffers);
    choosing.begin(0);
    assertEquals(TlsNeed.RECEIVE, choosing.handshake());
    choosing.refuse(TlsAlert.INTERNAL_ERROR, "no", new Exception("no"));
    assertTrue(choosing.hasFailed());
    choosing.feed(Hellos.hello(Hellos.serverName("a.test")));
    assertNull(choosing.hello(), "nobody reads it any more");
  }

  @Test
  @DisplayName("TLS-N2 https of a server that chooses is that of the choice")
  void chosenHttps() throws Exception {
    TlsMachine choosing = TlsMachine.choosing(buffers);
    choosing.feed(Hellos.hello(Hellos.serverName("a.test")));
    assertEquals(TlsNeed.CHOOSE, choosing.handshake());
    engine = new ScriptedEngine(false);
    engine.status = HandshakeStatus.NEED_UNWRAP;
    MachinePair.FreshBuffers others = new MachinePair.FreshBuffers();
    choosing.choose(engine, PeerDemands.NONE, true, others);
    choosing.begin(0);
    engine.onUnwrap(
        engine.then(
            NOTHING,
            (source, target) -> {
              source.position(source.limit());
              return new SSLEngineResult(Status.OK, HandshakeStatus.FINISHED, source.limit(), 0);
            }));
    assertEquals(TlsNeed.NOTHING, choosing.handshake());
    assertEquals(0, buffers.mostLentBytes);
    assertEquals(2000, others.mostLentBytes, "memory is of the choice too");
    choosing.feedEof();
    assertEquals(TlsNeed.NOTHING, choosing.read(room(1)));
  }

  @Test
  @DisplayName("TLS-R3 a trim gives back what is not needed between two operations")
  void trim() throws Exception {
    open("TLSv1.3");
    wish(HandshakeStatus.NEED_WRAP);
    engine.onWrap(engine.then(NOTHING, ScriptedEngine.gives(Status.OK, NOTHING, RECORD)));
    assertEquals(TlsNeed.RECEIVE, machine.read(room(9)));
    assertEquals(1, buffers.lent);
    machine.trim();
    assertEquals(0, buffers.lent);
    assertArrayEquals(RECORD, output());
  }
}
