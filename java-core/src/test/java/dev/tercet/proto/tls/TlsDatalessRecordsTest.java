package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.internal.tls.ServerName;
import dev.tercet.internal.tls.TlsEngines;
import dev.tercet.proto.tls.NullEngine.Quirk;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsVersion;
import java.nio.ByteBuffer;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that send records without data: they cost a decryption each, and some a new key. */
class TlsDatalessRecordsTest {
  private static final int MOST = DatalessRecords.MAX;
  private static final byte[] EMPTY = NullEngine.record(NullEngine.DATA);
  private static final byte[] CHANGE_CIPHER_SPEC =
      NullEngine.record(NullEngine.CHANGE_CIPHER_SPEC, (byte) 1);

  /** A warning that engines ignore in a handshake: level 1, internal_error. */
  private static final byte[] CLEAR_WARNING =
      NullEngine.record(NullEngine.ALERT, (byte) 1, (byte) 80);

  private static final byte[] ONE_BYTE = NullEngine.record(NullEngine.DATA, (byte) 1);

  private static void feed(TlsMachine machine, byte[] record, int times) {
    for (int i = 0; i < times; i++) {
      machine.feed(record.clone());
    }
  }

  private static BrokenResourceException failed(TlsMachine machine) {
    return assertThrows(
        BrokenResourceException.class, () -> machine.read(ByteBuffer.allocate(100)));
  }

  private static void assertFlood(BrokenResourceException e) {
    assertTrue(e.reason().contains("more than 32 records in a row without data"), e.reason());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("TLS-L9 32 empty records in a row are taken, not one more; the peer is told")
  void emptyRecords(boolean client) throws Exception {
    for (Quirk[] version : new Quirk[][] {{}, {Quirk.OLD}}) {
      MachinePair pair =
          MachinePair.of(new NullEngine(true, version), new NullEngine(false, version))
              .handshaken();
      MachinePair.Side side = client ? pair.client : pair.server;
      TlsMachine machine = side.machine;
      for (int round = 0; round < 3; round++) {
        feed(machine, EMPTY, MOST);
        assertEquals(TlsNeed.RECEIVE, machine.read(ByteBuffer.allocate(100)));
        machine.feed(ONE_BYTE.clone());
        assertEquals(TlsNeed.NOTHING, machine.read(ByteBuffer.allocate(100)));
      }
      feed(machine, EMPTY, MOST + 1);
      assertFlood(failed(machine));
      assertTrue(machine.hasAlert());
      assertEquals(NullEngine.ALERT, side.output()[0]);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("TLS-L9 32 warnings or ChangeCipherSpecs in a row are taken, not one more")
  void ignoredRecords(boolean client) throws Exception {
    for (byte[] record : new byte[][] {NullEngine.WARNING, CHANGE_CIPHER_SPEC}) {
      MachinePair pair = MachinePair.of(new NullEngine(true), new NullEngine(false)).handshaken();
      MachinePair.Side side = client ? pair.client : pair.server;
      for (int round = 0; round < 3; round++) {
        feed(side.machine, record, MOST);
        assertEquals(TlsNeed.RECEIVE, side.machine.read(ByteBuffer.allocate(100)));
        side.machine.feed(ONE_BYTE.clone());
        assertEquals(TlsNeed.NOTHING, side.machine.read(ByteBuffer.allocate(100)));
      }
      feed(side.machine, record, MOST + 1);
      assertFlood(failed(side.machine));
      assertEquals(NullEngine.ALERT, side.output()[0]);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-L9 in the handshake warnings in clear text count too")
  void warningsInTheHandshake(TlsVersion version) throws Exception {
    MachinePair pair =
        MachinePair.of(
            TlsEngines.client(
                    MachinePair.stranger().withVersions(version), ServerName.of("server.test"))
                .engine(),
            TlsEngines.server(MachinePair.SERVER).engine());
    TlsMachine client = pair.client.machine;
    client.begin(0);
    assertEquals(TlsNeed.SEND, handshake(client));
    byte[] hello = pair.client.output();
    assertWarningsAreCounted(client);
    TlsMachine server = pair.server.machine;
    server.begin(0);
    server.feed(hello);
    assertEquals(TlsNeed.SEND, handshake(server));
    assertTrue(pair.server.output().length > 0);
    // A server of 1.3 has keys by now, and takes nothing in clear text.
    if (version == TlsVersion.TLS_1_2) {
      assertWarningsAreCounted(server);
    }
  }

  private static void assertWarningsAreCounted(TlsMachine machine) throws Exception {
    for (int i = 0; i < MOST; i++) {
      machine.feed(CLEAR_WARNING.clone());
      assertEquals(TlsNeed.RECEIVE, handshake(machine));
    }
    machine.feed(CLEAR_WARNING.clone());
    assertFlood(assertThrows(BrokenResourceException.class, () -> handshake(machine)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName(
      "TLS-L9 ChangeCipherSpecs in the handshake count too, as far as an engine takes them")
  void changeCipherSpecsInTheHandshake(boolean client) throws Exception {
    TlsMachine machine =
        new TlsMachine(
            new NullEngine(client),
            PeerDemands.NONE,
            client ? TlsRole.CLIENT : TlsRole.SERVER,
            false,
            new MachinePair.FreshBuffers());
    machine.begin(0);
    if (client) {
      assertEquals(TlsNeed.SEND, machine.handshake());
      machine.outputSent(Objects.requireNonNull(machine.takeOutput()));
    }
    feed(machine, CHANGE_CIPHER_SPEC, MOST);
    assertEquals(TlsNeed.RECEIVE, machine.handshake());
    feed(machine, CHANGE_CIPHER_SPEC, 1);
    assertFlood(assertThrows(BrokenResourceException.class, machine::handshake));
  }

  /** Its step, with the computations that it wants. */
  private static TlsNeed handshake(TlsMachine machine) throws Exception {
    TlsNeed need = machine.handshake();
    while (need == TlsNeed.COMPUTE) {
      Objects.requireNonNull(machine.takeTask()).run();
      machine.taskDone(null);
      need = machine.handshake();
    }
    return need;
  }

  @Test
  @DisplayName("TLS-L9 a step ends early when there is little data between many other records")
  void boundedStep() throws Exception {
    MachinePair pair = MachinePair.of(new NullEngine(true), new NullEngine(false)).handshaken();
    TlsMachine machine = pair.server.machine;
    for (int i = 0; i < 200; i++) {
      feed(machine, EMPTY, MOST / 2);
      machine.feed(ONE_BYTE.clone());
    }
    ByteBuffer into = ByteBuffer.allocate(60_000);
    for (int read = 0; read < 200; read = into.position()) {
      assertEquals(TlsNeed.NOTHING, machine.read(into));
      int now = into.position() - read;
      assertTrue(now > 0 && now <= 3, () -> now + " records with data in one step");
    }
  }

  @Test
  @DisplayName("TLS-L9 empty records before the handshake count too, and are answered by an alert")
  void inTheHandshake() throws Exception {
    TlsMachine machine =
        new TlsMachine(
            new NullEngine(false),
            PeerDemands.NONE,
            TlsRole.SERVER,
            false,
            new MachinePair.FreshBuffers());
    machine.begin(0);
    byte[] empty = NullEngine.record(NullEngine.HANDSHAKE);
    feed(machine, empty, MOST);
    assertEquals(TlsNeed.RECEIVE, machine.handshake());
    feed(machine, empty, 1);
    assertFlood(assertThrows(BrokenResourceException.class, machine::handshake));
    ByteBuffer alert = machine.takeOutput();
    assertEquals(ByteBuffer.wrap(TlsAlert.UNEXPECTED_MESSAGE.record()), alert);
  }

  @Test
  @DisplayName("TLS-L9 who sends much data may get an answer to each of its key updates")
  void forgiven() throws Exception {
    MachinePair pair = MachinePair.of(new NullEngine(true), new NullEngine(false)).handshaken();
    TlsMachine machine = pair.server.machine;
    for (int i = 0; i < 5 * MOST; i++) {
      assertTrue(pair.run(() -> TlsNeed.NOTHING, pair.server.write(new byte[66_000])));
      machine.feed(EMPTY.clone());
      assertEquals(TlsNeed.RECEIVE, machine.read(ByteBuffer.allocate(100)));
    }
    // But nothing is saved up.
    feed(machine, EMPTY, MOST + 1);
    assertFlood(failed(machine));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("TLS-L9 TLS-G1 close_notify behind as many records as are accepted is the end")
  void closeNotifyBehind(boolean client) throws Exception {
    MachinePair pair = MachinePair.of(new NullEngine(true), new NullEngine(false)).handshaken();
    TlsMachine machine = client ? pair.client.machine : pair.server.machine;
    feed(machine, EMPTY, MOST);
    machine.feed(NullEngine.record(NullEngine.ALERT, (byte) 'B'));
    assertEquals(TlsNeed.NOTHING, machine.read(ByteBuffer.allocate(100)));
    assertTrue(machine.isPeerClosed());
    assertFalse(machine.hasFailed());
  }

  /** A pair of the JDK's engines, and key updates of one that the other has not seen yet. */
  private static byte[] keyUpdate(SSLEngine engine, byte... data) throws Exception {
    engine.beginHandshake();
    ByteBuffer out = ByteBuffer.allocate(2 * engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.wrap(data), out);
    engine.wrap(ByteBuffer.wrap(data), out);
    byte[] record = new byte[out.flip().remaining()];
    out.get(record);
    return record;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("TLS-L9 TLS-L4 key updates without end are refused, and answered before that")
  void keyUpdates(boolean flooded) throws Exception {
    SSLEngine clientEngine =
        TlsEngines.client(
                MachinePair.CLIENT.withVersions(TlsVersion.TLS_1_3), ServerName.of("server.test"))
            .engine();
    MachinePair pair = MachinePair.of(clientEngine, TlsEngines.server(MachinePair.SERVER).engine());
    TlsMachine server = pair.handshaken().server.machine;
    ByteBuffer into = ByteBuffer.allocate(10);
    int taken = 0;
    int answered = 0;
    BrokenResourceException failure = null;
    while (taken < 200 && failure == null) {
      byte[] update = flooded ? keyUpdate(clientEngine) : keyUpdate(clientEngine, (byte) 1);
      server.feed(update);
      try {
        TlsNeed need = server.read(into.clear());
        if (need == TlsNeed.SEND) {
          assertTrue(server.mark() - server.urgentMark() <= TlsOutbox.MAX_LAZY_BYTES);
          pair.server.flush();
          answered++;
        }
        taken++;
      } catch (BrokenResourceException e) {
        failure = e;
      }
    }
    if (flooded) {
      assertEquals(MOST, taken);
      assertEquals(1, answered);
      assertFlood(failed(server));
    } else {
      assertNull(failure);
      assertEquals(200, taken);
    }
  }
}
