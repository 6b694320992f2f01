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
import dev.tercet.internal.tls.ServerName;
import dev.tercet.internal.tls.TlsEngines;
import dev.tercet.support.Stress;
import dev.tercet.tls.PemFixtures;
import dev.tercet.tls.TlsAlertException;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsTruncatedException;
import dev.tercet.tls.TlsVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two machines over the JDK's engine, without any I/O. */
class TlsMachineTest {
  static byte[] bytes(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-D5 TLS-C1 data arrives whole, in whatever pieces the ciphertext comes")
  void pieces(TlsVersion version) {
    for (int maxPiece : new int[] {1, 3, 100, 1500, 20_000, 70_000}) {
      long seed = Stress.seed(TlsMachineTest.class, 100) + maxPiece;
      MachinePair pair = MachinePair.of(version, seed, maxPiece).handshaken();
      // Each piece costs a look at the record so far: single bytes get fewer records.
      byte[] request = bytes(Math.min(100_000, 7_000 * maxPiece), seed);
      byte[] reply = bytes(Math.min(33_333, 2_000 * maxPiece), ~seed);
      String what = version + ", pieces of " + maxPiece + ", seed " + seed;
      assertTrue(pair.run(pair.client.write(request), pair.server.read(request.length)), what);
      assertTrue(pair.run(pair.client.read(reply.length), pair.server.write(reply)), what);
      assertTrue(pair.run(pair.client.close(), pair.server.readToEnd()), what);
      assertTrue(pair.run(pair.client.readToEnd(), pair.server.close()), what);
      assertNull(pair.client.failure, what);
      assertNull(pair.server.failure, what);
      assertArrayEquals(request, pair.server.received.toByteArray(), what);
      assertArrayEquals(reply, pair.client.received.toByteArray(), what);
      assertTrue(pair.client.machine.isPeerClosed(), what);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-J1 TLS-J4 TLS-J5 the facts are known when the handshake has ended")
  void facts(TlsVersion version) {
    // A configuration of its own: it has no session to resume.
    TlsConfig config = TlsConfig.DEFAULT.withTrust(PemFixtures.trust()).withVersions(version);
    MachinePair pair =
        MachinePair.of(
            TlsEngines.client(config, ServerName.of("server.test")).engine(),
            TlsEngines.server(MachinePair.SERVER).engine());
    assertNull(pair.client.machine.info());
    pair.handshaken();
    TlsInfo client = pair.client.info();
    TlsInfo server = pair.server.info();
    assertEquals(version.protocolName(), client.version());
    assertEquals(client.version(), server.version());
    assertEquals(client.cipherSuite(), server.cipherSuite());
    assertNull(client.alpn());
    assertEquals(2, client.peerCertificates().size());
    assertEquals(client.peerCertificates(), server.localCertificates());
    assertEquals(0, server.peerCertificates().size());
    assertFalse(client.sessionReused());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-J8 TLS-S3 a second connection of one configuration resumes, and both know it")
  void resumption(TlsVersion version) {
    TlsConfig client = MachinePair.stranger().withVersions(version);
    for (int i = 0; i < 2; i++) {
      MachinePair pair = MachinePair.of(client);
      pair.handshaken();
      assertTrue(pair.run(pair.client.read(1), pair.server.write(new byte[1])));
      assertEquals(i == 1, pair.client.info().sessionReused());
      assertEquals(i == 1, pair.server.info().sessionReused());
      // A session that is as young as the handshake would look new.
      long now = System.currentTimeMillis();
      while (System.currentTimeMillis() == now) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  @DisplayName("TLS-B12 TLS-B13 a server's tickets wait for its first bytes, and go before them")
  void tickets() {
    MachinePair pair = MachinePair.of(TlsVersion.TLS_1_3).handshaken();
    TlsMachine server = pair.server.machine;
    assertTrue(server.isSent(server.urgentMark()), "what the client waits for is out");
    assertFalse(server.isSent(server.mark()), "there is no ticket");
    int before = pair.toClient.all.size();
    assertTrue(pair.run(pair.client.read(5), pair.server.write(bytes(5, 1))));
    assertTrue(pair.toClient.all.size() - before > 100, "the ticket did not go out");
    assertTrue(server.isSent(server.mark()));
    assertArrayEquals(bytes(5, 1), pair.client.received.toByteArray());
  }

  @Test
  @DisplayName("TLS-B13 tickets go out with close_notify too, if nothing was sent before")
  void ticketsBeforeGoodbye() {
    MachinePair pair = MachinePair.of(TlsVersion.TLS_1_3).handshaken();
    assertTrue(pair.run(pair.client.readToEnd(), pair.server.close()));
    assertTrue(pair.client.machine.isPeerClosed());
    assertEquals(0, pair.client.received.size());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-H1 close_notify is said once, and answered once")
  void closeNotify(TlsVersion version) throws Exception {
    MachinePair pair = MachinePair.of(version).handshaken();
    assertTrue(pair.run(pair.client.close(), pair.server.readToEnd()));
    int said = pair.toServer.all.size();
    assertEquals(TlsNeed.NOTHING, pair.client.machine.closeOutbound());
    pair.client.flush();
    assertEquals(said, pair.toServer.all.size());
    assertTrue(pair.run(pair.client.readToEnd(), pair.server.close()));
    int answered = pair.toClient.all.size();
    assertEquals(TlsNeed.NOTHING, pair.server.machine.closeOutbound());
    pair.server.flush();
    assertEquals(answered, pair.toClient.all.size());
  }

  @Test
  @DisplayName("TLS-S1 TLS-G10 in TLS 1.3 the other direction goes on after close_notify")
  void halfClose() {
    MachinePair pair = MachinePair.of(TlsVersion.TLS_1_3).handshaken();
    assertTrue(pair.run(pair.client.close(), pair.server.readToEnd()));
    byte[] late = bytes(50_000, 3);
    assertTrue(pair.run(pair.client.read(late.length), pair.server.write(late)));
    assertNull(pair.server.failure);
    assertArrayEquals(late, pair.client.received.toByteArray());
    assertFalse(pair.client.machine.closesBothHalves());
  }

  @Test
  @DisplayName("TLS-G10 in TLS 1.2 close_notify ends both directions: writing is Broken")
  void noHalfClose() {
    MachinePair pair = MachinePair.of(TlsVersion.TLS_1_2).handshaken();
    assertTrue(pair.run(pair.client.close(), pair.server.readToEnd()));
    assertTrue(pair.run(() -> TlsNeed.NOTHING, pair.server.write(new byte[1])));
    assertNotNull(pair.server.failure);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-I2 TLS-G9 what comes behind close_notify is kept as it is")
  void trailing(TlsVersion version) throws Exception {
    MachinePair pair = MachinePair.of(version).handshaken();
    assertEquals(TlsNeed.NOTHING, pair.client.machine.closeOutbound());
    byte[] closeNotify = pair.client.output();
    byte[] plain = bytes(100, 4);
    byte[] both = Arrays.copyOf(closeNotify, closeNotify.length + plain.length);
    System.arraycopy(plain, 0, both, closeNotify.length, plain.length);
    pair.server.machine.feed(both);
    assertTrue(pair.run(() -> TlsNeed.NOTHING, pair.server.readToEnd()));
    assertArrayEquals(plain, pair.server.machine.takeTrailing());
    assertEquals(0, pair.server.received.size());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-D10 data that came before a damaged record is delivered before the failure")
  void dataBeforeFailure(TlsVersion version) throws Exception {
    MachinePair pair = MachinePair.of(version).handshaken();
    ByteBuffer first = ByteBuffer.wrap(bytes(10, 5));
    assertEquals(TlsNeed.NOTHING, pair.client.machine.write(first));
    ByteBuffer second = ByteBuffer.wrap(bytes(10, 6));
    assertEquals(TlsNeed.NOTHING, pair.client.machine.write(second));
    byte[] wire = pair.client.output();
    wire[wire.length - 1] ^= 1;
    pair.server.machine.feed(wire);
    ByteBuffer into = ByteBuffer.allocate(100_000);
    assertEquals(TlsNeed.NOTHING, pair.server.machine.read(into));
    assertEquals(10, into.position());
    assertTrue(pair.run(() -> TlsNeed.NOTHING, pair.server.readToEnd()));
    assertNotNull(pair.server.failure);
    assertInstanceOf(SSLException.class, pair.server.failed().getCause());
    // TLS-D11, TLS-G8: the peer is told, by name, and never takes it for an end.
    assertTrue(pair.run(pair.client.readToEnd(), () -> TlsNeed.NOTHING));
    assertNotNull(pair.client.failure);
    assertTrue(
        pair.client.failed().reason().contains("the peer sent the alert bad_record_mac"),
        pair.client.failed().reason());
    assertEquals(
        "bad_record_mac",
        assertInstanceOf(TlsAlertException.class, pair.client.failed().getCause()).alert());
    assertFalse(pair.server.failed().getCause() instanceof TlsAlertException, "it sent the alert");
    assertFalse(pair.client.machine.isPeerClosed());
  }

  @Test
  @DisplayName("TLS-M4 TLS-B9 TLS-B19 a wrong name is told with what was expected and found")
  void wrongName() {
    MachinePair pair =
        MachinePair.of(
            TlsEngines.client(MachinePair.CLIENT, ServerName.of("other.test")).engine(),
            TlsEngines.server(MachinePair.SERVER).engine());
    assertTrue(pair.run(pair.client.handshake(), pair.server.handshake()));
    assertNotNull(pair.client.failure);
    String message = pair.client.failed().reason();
    assertTrue(message.contains("the peer's certificate was refused"), message);
    assertTrue(message.contains("expected: other.test"), message);
    assertTrue(message.contains("found: server.test, *.wild.test"), message);
    assertNotNull(pair.server.failure);
    assertTrue(
        pair.server.failed().reason().contains("the peer sent the alert certificate_unknown"),
        pair.server.failed().reason());
    assertNull(pair.client.machine.info());
  }

  @Test
  @DisplayName("TLS-M4 an authority that is not trusted is told")
  void unknownAuthority() {
    MachinePair pair =
        MachinePair.of(
            TlsEngines.client(TlsConfig.DEFAULT, ServerName.of("server.test")).engine(),
            TlsEngines.server(MachinePair.SERVER).engine());
    assertTrue(pair.run(pair.client.handshake(), pair.server.handshake()));
    assertNotNull(pair.client.failure);
    String message = pair.client.failed().reason();
    assertTrue(message.contains("issued by CN=Tercet test intermediate"), message);
    assertNotNull(pair.server.failure);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-B20 plaintext where TLS was expected is told at once, with a sample")
  void plaintext(TlsVersion version) {
    MachinePair pair = MachinePair.of(version);
    pair.server.machine.feed("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertTrue(pair.run(() -> TlsNeed.NOTHING, pair.server.handshake()));
    assertNotNull(pair.server.failure);
    assertEquals(
        "the peer does not speak TLS, it sent \"GET / HTTP/1.1....\"",
        pair.server.failed().reason());
    assertInstanceOf(SSLException.class, pair.server.failed().getCause());
    assertEquals(0, pair.toClient.all.size());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-R1 a record that is too long is refused, whatever its header says")
  void oversized(TlsVersion version) {
    MachinePair pair = MachinePair.of(version).handshaken();
    byte[] record = new byte[70_000];
    record[0] = 23;
    record[1] = 3;
    record[2] = 3;
    record[3] = (byte) 0xff;
    record[4] = (byte) 0xff;
    pair.server.machine.feed(record);
    assertTrue(pair.run(() -> TlsNeed.NOTHING, pair.server.readToEnd()));
    assertNotNull(pair.server.failure);
  }

  @Test
  @DisplayName("TLS-L2 TLS-L3 TLS-L7 key updates are answered before the next data, and lazily")
  void keyUpdate() throws Exception {
    SSLEngine clientEngine =
        TlsEngines.client(
                MachinePair.CLIENT.withVersions(TlsVersion.TLS_1_3), ServerName.of("server.test"))
            .engine();
    MachinePair pair = MachinePair.of(clientEngine, TlsEngines.server(MachinePair.SERVER).engine());
    pair.handshaken();
    assertTrue(pair.run(pair.client.read(1), pair.server.write(new byte[1])));
    TlsInfo before = pair.server.info();
    for (int i = 0; i < TlsOutbox.MAX_LAZY_RECORDS; i++) {
      clientEngine.beginHandshake();
      byte[] data = bytes(1000 + i, i);
      int had = pair.server.received.size();
      assertTrue(
          pair.run(pair.client.write(data), pair.server.read(had + data.length)), "update " + i);
      TlsMachine server = pair.server.machine;
      assertTrue(server.isSent(server.urgentMark()), "the answer is urgent");
    }
    assertTrue(
        pair.run(pair.client.read(1 + 500), pair.server.write(bytes(500, 9))), "after updates");
    assertEquals(before, pair.server.machine.info());
    assertNull(pair.client.failure);
  }

  @Test
  @DisplayName("TLS-K1 TLS-K6 a new handshake, whoever begins it, is refused, and the peer is told")
  void renegotiation() throws Exception {
    for (boolean byClient : new boolean[] {true, false}) {
      SSLEngine clientEngine =
          TlsEngines.client(
                  MachinePair.CLIENT.withVersions(TlsVersion.TLS_1_2), ServerName.of("server.test"))
              .engine();
      SSLEngine serverEngine = TlsEngines.server(MachinePair.SERVER).engine();
      MachinePair pair = MachinePair.of(clientEngine, serverEngine).handshaken();
      MachinePair.Side begins = byClient ? pair.client : pair.server;
      MachinePair.Side refuses = byClient ? pair.server : pair.client;
      byte[] data = bytes(10, 1);
      assertEquals(TlsNeed.NOTHING, begins.machine.write(ByteBuffer.wrap(data)));
      byte[] before = begins.output();
      (byClient ? clientEngine : serverEngine).beginHandshake();
      begins.machine.write(ByteBuffer.wrap(data));
      refuses.machine.feed(before);
      refuses.machine.feed(begins.output());
      ByteBuffer into = ByteBuffer.allocate(100);
      assertEquals(TlsNeed.NOTHING, refuses.machine.read(into));
      assertEquals(data.length, into.position(), "the data in front of it");
      BrokenResourceException failure =
          assertThrows(BrokenResourceException.class, () -> refuses.machine.read(into));
      assertTrue(
          failure.reason().contains("renegotiation, which is not allowed"), failure.reason());
      assertTrue(refuses.machine.hasAlert());
      assertEquals(21, refuses.output()[0]);
    }
  }

  @Test
  @DisplayName("TLS-L4 who answers key updates waits for nobody to take data, only the answers")
  void answersWithoutBuffer() throws Exception {
    SSLEngine clientEngine =
        TlsEngines.client(
                MachinePair.stranger().withVersions(TlsVersion.TLS_1_3),
                ServerName.of("server.test"))
            .engine();
    MachinePair pair = MachinePair.of(clientEngine, TlsEngines.server(MachinePair.SERVER).engine());
    TlsMachine server = pair.handshaken().server.machine;
    assertTrue(pair.run(pair.client.read(1), pair.server.write(new byte[1])));
    ByteBuffer upwards = ByteBuffer.wrap(bytes(1000, 2));
    assertEquals(TlsNeed.NOTHING, server.write(upwards));
    for (int i = 0; i <= TlsOutbox.MAX_LAZY_RECORDS; i++) {
      clientEngine.beginHandshake();
      pair.client.machine.write(ByteBuffer.wrap(new byte[1]));
      server.feed(pair.client.output());
      server.read(ByteBuffer.allocate(1));
    }
    assertEquals(TlsNeed.SEND, server.read(ByteBuffer.allocate(1)), "the answers are urgent");
    assertEquals(TlsNeed.SEND, server.write(upwards.rewind()), "data behind the answers");
    assertEquals(1000, upwards.remaining());
    assertTrue(pair.server.output().length > 1000);
    assertTrue(server.isSent(server.urgentMark()));
    assertEquals(TlsNeed.NOTHING, server.write(upwards));
  }

  @Test
  @DisplayName("TLS-H13 TLS-R3 no memory is held when idle, and none after the release")
  void memory() {
    SSLEngine client = TlsEngines.client(MachinePair.CLIENT, ServerName.of("server.test")).engine();
    MachinePair.FreshBuffers buffers = new MachinePair.FreshBuffers();
    TlsMachine machine = new TlsMachine(client, PeerDemands.NONE, TlsRole.CLIENT, false, buffers);
    machine.begin(0);
    assertNull(machine.info());
    machine.trim();
    assertEquals(0, buffers.lent);
    assertTrue(machine.release());
    assertEquals(0, buffers.lent);
    assertTrue(client.isOutboundDone());
    assertTrue(client.isInboundDone());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "TLS-G2 TLS-G3 an end without close_notify is truncation, or an end where HTTP allows it")
  void truncated(TlsVersion version) {
    for (boolean https : new boolean[] {false, true}) {
      MachinePair pair = MachinePair.of(version, https, 1, 70_000).handshaken();
      pair.toServer.end();
      assertTrue(pair.run(() -> TlsNeed.NOTHING, pair.server.readToEnd()));
      if (https) {
        assertNull(pair.server.failure);
        assertTrue(pair.run(() -> TlsNeed.NOTHING, pair.server.readToEnd()), "the end stays");
        assertNull(pair.server.failure);
        assertTrue(pair.run(() -> TlsNeed.NOTHING, pair.server.write(new byte[1])));
        assertNotNull(pair.server.failure, "writing after the end");
      } else {
        assertNotNull(pair.server.failure);
        TlsTruncatedException cause =
            assertInstanceOf(TlsTruncatedException.class, pair.server.failed().getCause());
        assertFalse(cause.duringHandshake());
      }
      assertFalse(pair.server.machine.isPeerClosed());
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-S4 a session whose connection was cut short is resumed all the same")
  void resumptionAfterTruncation(TlsVersion version) {
    TlsConfig client = MachinePair.stranger().withVersions(version);
    for (int i = 0; i < 2; i++) {
      MachinePair pair = MachinePair.of(client);
      pair.handshaken();
      assertTrue(pair.run(pair.client.read(1), pair.server.write(new byte[1])));
      pair.toClient.end();
      pair.toServer.end();
      assertTrue(pair.run(pair.client.readToEnd(), pair.server.readToEnd()));
      assertInstanceOf(TlsTruncatedException.class, pair.client.failed().getCause());
      assertEquals(i == 1, pair.client.info().sessionReused());
      pair.client.machine.release();
      pair.server.machine.release();
      // A session that is as young as the handshake would look new.
      long now = System.currentTimeMillis();
      while (System.currentTimeMillis() == now) {
        Thread.onSpinWait();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-C10 TLS-R3 100 MB are encrypted in one piece of memory, and then none is held")
  void longSend(TlsVersion version) throws Exception {
    MachinePair.FreshBuffers buffers = new MachinePair.FreshBuffers();
    MachinePair pair =
        MachinePair.withBuffers(
            TlsEngines.client(
                    MachinePair.stranger().withVersions(version), ServerName.of("server.test"))
                .engine(),
            TlsEngines.server(MachinePair.SERVER).engine(),
            buffers);
    pair.handshaken();
    TlsMachine client = pair.client.machine;
    client.trim();
    pair.server.machine.trim();
    assertEquals(0, buffers.lent, "held by idle connections");
    ByteBuffer data = ByteBuffer.allocate(1_000_000);
    long sent = 0;
    buffers.mostLentBytes = 0;
    for (int i = 0; i < 100; i++) {
      data.clear();
      TlsNeed need;
      do {
        need = client.write(data);
        ByteBuffer batch = client.takeOutput();
        if (batch != null) {
          sent += batch.remaining();
          client.outputSent(batch);
        }
      } while (need == TlsNeed.SEND);
      assertEquals(TlsNeed.NOTHING, need);
    }
    assertTrue(sent > 100_000_000, () -> "not all was sent");
    client.trim();
    assertEquals(0, buffers.lent);
    assertTrue(
        buffers.mostLentBytes <= TlsOutbox.BATCH_BYTES,
        () -> buffers.mostLentBytes + " bytes at once");
  }

  @Test
  @DisplayName("TLS-R3 TLS-B13 tickets wait without a buffer, and go out in front of the next data")
  void laidBy() throws Exception {
    MachinePair.FreshBuffers buffers = new MachinePair.FreshBuffers();
    SSLEngine engine =
        TlsEngines.client(
                MachinePair.stranger().withVersions(TlsVersion.TLS_1_3),
                ServerName.of("server.test"))
            .engine();
    MachinePair pair =
        MachinePair.withBuffers(engine, TlsEngines.server(MachinePair.SERVER).engine(), buffers);
    TlsMachine server = pair.handshaken().server.machine;
    long tickets = server.mark() - server.urgentMark();
    assertTrue(tickets > 0, "there are none");
    pair.client.machine.trim();
    server.trim();
    server.trim();
    assertEquals(0, buffers.lent);
    byte[] data = bytes(30_000, 6);
    assertEquals(TlsNeed.NOTHING, server.write(ByteBuffer.wrap(data)));
    byte[] batch = pair.server.output();
    assertTrue(batch.length > tickets + data.length, "not all in one batch");
    pair.client.machine.feed(batch);
    ByteBuffer into = ByteBuffer.allocate(40_000);
    while (into.position() < data.length) {
      assertEquals(TlsNeed.NOTHING, pair.client.machine.read(into));
    }
    assertArrayEquals(data, Arrays.copyOf(into.array(), data.length));
    server.trim();
    assertTrue(server.release());
    assertTrue(pair.client.machine.release());
    assertEquals(0, buffers.lent);
  }
}
