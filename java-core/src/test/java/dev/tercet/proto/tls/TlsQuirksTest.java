package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.proto.tls.NullEngine.Quirk;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsTruncatedException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The machine over an engine that behaves as badly as any, with nothing encrypted. */
class TlsQuirksTest {
  private static MachinePair pair(Quirk... quirks) {
    return MachinePair.of(new NullEngine(true, quirks), new NullEngine(false, quirks));
  }

  static Stream<List<Quirk>> harmless() {
    return Stream.of(
        List.of(),
        List.of(Quirk.TASKS),
        List.of(Quirk.LATE_FINISHED),
        List.of(Quirk.NO_FINISHED),
        List.of(Quirk.MANY_FINISHED),
        List.of(Quirk.SPEAKS_FIRST),
        List.of(Quirk.LATE_EXCEPTION),
        List.of(Quirk.SPILLS),
        List.of(Quirk.ROOM_FIRST),
        List.of(Quirk.AGAIN),
        List.of(Quirk.GROWS),
        List.of(Quirk.OWN_WORDS_FIRST),
        List.of(Quirk.CLOSED_ONCE_SENT),
        List.of(Quirk.CLOSED_ONCE_SENT, Quirk.SPILLS, Quirk.ROOM_FIRST),
        List.of(Quirk.TASKS, Quirk.LATE_FINISHED, Quirk.SPEAKS_FIRST, Quirk.SPILLS),
        List.of(Quirk.AGAIN, Quirk.ROOM_FIRST, Quirk.MANY_FINISHED, Quirk.TASKS));
  }

  @ParameterizedTest
  @MethodSource
  @DisplayName(
      "TLS-R-a TLS-R-c TLS-R-d TLS-R-e TLS-R-f TLS-R-h TLS-R-k TLS-D6 quirks that do no harm are"
          + " unseen")
  void harmless(List<Quirk> quirks) {
    String what = quirks.toString();
    MachinePair pair = pair(quirks.toArray(Quirk[]::new)).handshaken();
    byte[] data = TlsMachineTest.bytes(100_000, 1);
    assertTrue(pair.run(pair.client.write(data), pair.server.read(data.length)), what);
    assertTrue(pair.run(pair.client.read(data.length), pair.server.write(data)), what);
    assertTrue(pair.run(pair.client.close(), pair.server.readToEnd()), what);
    assertTrue(pair.run(pair.client.readToEnd(), pair.server.close()), what);
    assertNull(pair.client.failure, what);
    assertNull(pair.server.failure, what);
    assertArrayEquals(data, pair.server.received.toByteArray(), what);
    assertArrayEquals(data, pair.client.received.toByteArray(), what);
    assertTrue(pair.client.machine.isPeerClosed(), what);
  }

  @ParameterizedTest
  @EnumSource(names = {"NULL_TASK", "NO_ROOM", "STALLS"})
  @DisplayName("TLS-R-m TLS-R2 an engine that makes no progress is a failure, never a loop")
  void stalling(Quirk quirk) {
    MachinePair pair =
        MachinePair.of(new NullEngine(true, quirk), new NullEngine(false, Quirk.TASKS));
    // The client of STALLS waits for the server first, and fails over what it hears.
    pair.run(pair.client.handshake(), pair.server.handshake());
    assertInstanceOf(SSLException.class, pair.client.failed().getCause());
  }

  @Test
  @DisplayName("TLS-R-m an engine that wishes to wrap and says nothing waits for the peer")
  void mute() {
    MachinePair pair = MachinePair.of(new NullEngine(true, Quirk.MUTE), new NullEngine(false));
    assertFalse(pair.run(pair.client.handshake(), pair.server.handshake()));
    assertNull(pair.client.failure);
  }

  @ParameterizedTest
  @EnumSource(names = {"TASKS", "LATE_EXCEPTION", "RUNTIME_EXCEPTION", "SPEAKS_FIRST"})
  @DisplayName("TLS-R-i TLS-R-b the alert is found, however the engine reports a bad record")
  void alert(Quirk quirk) {
    MachinePair pair =
        MachinePair.of(new NullEngine(true), new NullEngine(false, quirk)).handshaken();
    pair.server.machine.feed(NullEngine.record((byte) 99, (byte) 1));
    assertTrue(pair.run(() -> TlsNeed.NOTHING, pair.server.readToEnd()));
    assertInstanceOf(SSLException.class, pair.server.failed().getCause());
    byte[] sent = pair.toClient.all.toByteArray();
    assertArrayEquals(
        NullEngine.record(NullEngine.ALERT, (byte) 'X'),
        Arrays.copyOfRange(sent, sent.length - 6, sent.length));
  }

  @Test
  @DisplayName("TLS-R-a an alert that is the only sign of a failure is sent at once, not lazily")
  void silentFailure() {
    MachinePair pair =
        MachinePair.of(new NullEngine(true), new NullEngine(false, Quirk.FAILS_SILENTLY))
            .handshaken();
    pair.server.machine.feed(NullEngine.record((byte) 99, (byte) 1));
    assertFalse(pair.run(pair.client.readToEnd(), pair.server.readToEnd()), "the server waits");
    assertTrue(pair.client.machine.isPeerClosed(), "the client has not heard the alert");
    pair.toServer.end();
    assertTrue(pair.run(() -> TlsNeed.NOTHING, pair.server.readToEnd()));
    assertInstanceOf(TlsTruncatedException.class, pair.server.failed().getCause());
  }

  @Test
  @DisplayName("TLS-S1 TLS-R-j TLS-R-b CLOSED of the sending half is not the end of receiving")
  void closedOnceSent() {
    MachinePair pair = pair(Quirk.CLOSED_ONCE_SENT).handshaken();
    assertTrue(pair.run(pair.client.close(), pair.server.readToEnd()));
    assertFalse(pair.client.machine.closesBothHalves());
    assertFalse(pair.run(pair.client.read(1), () -> TlsNeed.NOTHING), "it waits for more");
    byte[] late = TlsMachineTest.bytes(5000, 3);
    assertTrue(pair.run(pair.client.read(late.length), pair.server.write(late)));
    assertTrue(pair.run(pair.client.readToEnd(), pair.server.close()));
    assertNull(pair.client.failure);
    assertArrayEquals(late, pair.client.received.toByteArray());
    assertTrue(pair.client.machine.isPeerClosed());
  }

  @Test
  @DisplayName("TLS-R-j TLS-S1 an engine that closes both halves together is found out")
  void closesBoth() throws Exception {
    MachinePair pair = pair(Quirk.CLOSES_BOTH).handshaken();
    assertEquals(TlsNeed.NOTHING, pair.client.machine.closeOutbound());
    assertTrue(pair.client.machine.closesBothHalves());
    MachinePair other = pair().handshaken();
    assertEquals(TlsNeed.NOTHING, other.client.machine.closeOutbound());
    assertFalse(other.client.machine.closesBothHalves());
  }

  @Test
  @DisplayName("TLS-R6 while a computation runs, no step touches the engine")
  void computing() throws Exception {
    TlsMachine server =
        new TlsMachine(
            new NullEngine(false, Quirk.TASKS),
            PeerDemands.NONE,
            TlsRole.SERVER,
            false,
            new MachinePair.FreshBuffers());
    server.begin(0);
    assertEquals(TlsNeed.RECEIVE, server.handshake());
    server.feed(NullEngine.record(NullEngine.HANDSHAKE, (byte) 'C'));
    assertEquals(TlsNeed.COMPUTE, server.handshake());
    Runnable task = server.takeTask();
    assertNull(server.takeTask());
    assertEquals(TlsNeed.TURN, server.handshake());
    assertEquals(TlsNeed.TURN, server.read(ByteBuffer.allocate(1)));
    assertEquals(TlsNeed.TURN, server.closeOutbound());
    assertFalse(server.release());
    if (task != null) {
      task.run();
    }
    server.taskDone(null);
    assertTrue(server.release());
  }

  @Test
  @DisplayName("TLS-R-g wrapping nothing brings out what an engine has queued, and only that")
  void wrappingNothing() throws Exception {
    NullEngine engine = new NullEngine(false);
    MachinePair pair = MachinePair.of(new NullEngine(true), engine).handshaken();
    pair.server.flush();
    byte[] late = NullEngine.record(NullEngine.DATA, (byte) 'L');
    engine.queue(late);
    assertEquals(TlsNeed.NOTHING, pair.server.machine.closeOutbound());
    byte[] closeNotify = NullEngine.record(NullEngine.ALERT, (byte) 'B');
    byte[] both = Arrays.copyOf(late, late.length + closeNotify.length);
    System.arraycopy(closeNotify, 0, both, late.length, closeNotify.length);
    assertArrayEquals(both, pair.server.output());
  }

  @Test
  @DisplayName("TLS-R-l an engine whose halves were closed from inside has heard no close_notify")
  void closedFromInside() throws Exception {
    MachinePair pair = pair(Quirk.CLOSES_BOTH).handshaken();
    assertEquals(TlsNeed.NOTHING, pair.client.machine.closeOutbound());
    assertFalse(pair.client.machine.isPeerClosed(), "nobody has sent close_notify");
    assertTrue(pair.run(pair.client.readToEnd(), () -> TlsNeed.NOTHING));
    assertFalse(pair.client.machine.isPeerClosed());
    assertInstanceOf(SSLException.class, pair.client.failed().getCause());
    pair.server.machine.release();
    assertFalse(pair.server.machine.isPeerClosed(), "the release has closed its receiving half");
  }

  @Test
  @DisplayName("TLS-R-n TLS-B1 the handshake of an engine is begun once, and never again")
  void begunOnce() {
    NullEngine client = new NullEngine(true);
    NullEngine server = new NullEngine(false);
    MachinePair pair = MachinePair.of(client, server).handshaken().handshaken();
    byte[] data = TlsMachineTest.bytes(5000, 2);
    assertTrue(pair.run(pair.client.write(data), pair.server.read(data.length)));
    pair.handshaken();
    assertTrue(pair.run(pair.client.close(), pair.server.readToEnd()));
    pair.client.machine.release();
    pair.client.machine.begin(0);
    assertEquals(1, client.begun);
    assertEquals(1, server.begun);
  }

  @Test
  @DisplayName(
      "TLS-L8 a question that the engine refuses after the handshake is Broken, with an alert")
  void unexpectedMessage() {
    MachinePair pair = pair().handshaken();
    pair.client.machine.feed(NullEngine.record(NullEngine.HANDSHAKE, (byte) 'R'));
    assertTrue(pair.run(pair.client.readToEnd(), () -> TlsNeed.NOTHING));
    assertInstanceOf(SSLException.class, pair.client.failed().getCause());
    byte[] sent = pair.toServer.all.toByteArray();
    assertArrayEquals(
        NullEngine.record(NullEngine.ALERT, (byte) 'U'),
        Arrays.copyOfRange(sent, sent.length - 6, sent.length));
  }
}
