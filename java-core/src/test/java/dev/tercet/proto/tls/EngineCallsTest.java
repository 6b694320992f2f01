package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.proto.tls.NullEngine.Quirk;
import dev.tercet.tls.TlsAlertException;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsTruncatedException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is read at once, what goes out at the end of a session, and who is told of it. */
class EngineCallsTest {
  private static MachinePair handshaken(Quirk... quirks) {
    return MachinePair.of(new NullEngine(true, quirks), new NullEngine(false, quirks)).handshaken();
  }

  private static byte[] data(int bytes) {
    return NullEngine.record(NullEngine.DATA, new byte[bytes]);
  }

  /** What one read gives when these records are there. */
  private static int read(int room, byte[]... records) throws Exception {
    TlsMachine machine = handshaken().client.machine;
    for (byte[] record : records) {
      machine.feed(record);
    }
    ByteBuffer into = ByteBuffer.allocate(room);
    assertEquals(TlsNeed.NOTHING, machine.read(into));
    return into.position();
  }

  @Test
  @DisplayName("TLS-D5 a read takes further records that are whole and fit, and no part of one")
  void wholeRecords() throws Exception {
    assertEquals(600, read(2000, data(300), data(300)));
    // A record of 305 bytes fits into 305.
    assertEquals(600, read(605, data(300), data(300)));
    assertEquals(300, read(604, data(300), data(300)));
    assertEquals(300, read(2000, data(300), Arrays.copyOf(data(300), 304)));
    assertEquals(300, read(2000, data(300), Arrays.copyOf(data(300), 4)));
    assertEquals(301, read(2000, data(300), data(0), data(1)));
  }

  @Test
  @DisplayName(
      "TLS-G8 the alert of the peer is the cause of one side's failure, not of the other's")
  void alerts() {
    MachinePair pair = MachinePair.of(TlsConfig.DEFAULT);
    pair.run(pair.client.handshake(), pair.server.handshake());
    assertInstanceOf(TlsAlertException.class, pair.server.failed().getCause());
    assertFalse(pair.client.failed().getCause() instanceof TlsAlertException);
  }

  @Test
  @DisplayName("TLS-H1 close_notify is output that is waited for, and out when it has been sent")
  void goodbyeIsUrgent() throws Exception {
    TlsMachine machine = handshaken().client.machine;
    long before = machine.mark();
    assertEquals(TlsNeed.NOTHING, machine.closeOutbound());
    assertEquals(before + 6, machine.mark());
    assertEquals(machine.mark(), machine.urgentMark());
    assertFalse(machine.isSent(machine.mark()));
    ByteBuffer batch = machine.takeOutput();
    assertNotNull(batch);
    assertEquals(6, batch.remaining());
    machine.outputSent(batch);
    assertTrue(machine.isSent(machine.mark()));
    assertEquals(TlsNeed.NOTHING, machine.closeOutbound());
    assertNull(machine.takeOutput(), "it is said once");
    BrokenResourceException e =
        assertThrows(BrokenResourceException.class, () -> machine.write(ByteBuffer.allocate(1)));
    assertTrue(e.reason().contains("closed the TLS connection"), e.reason());
  }

  @Test
  @DisplayName("TLS-B19 an alert for the peer of a session that has failed is waited for")
  void alertIsUrgent() {
    TlsMachine machine = handshaken().client.machine;
    long before = machine.mark();
    machine.feed(NullEngine.record((byte) 23, new byte[] {1}));
    machine.feed(NullEngine.record((byte) 99, new byte[] {1}));
    ByteBuffer into = ByteBuffer.allocate(1);
    assertThrows(
        BrokenResourceException.class,
        () -> {
          while (true) {
            into.clear();
            machine.read(into);
          }
        });
    assertTrue(machine.hasAlert());
    assertEquals(before + 6, machine.mark());
    assertEquals(machine.mark(), machine.urgentMark());
  }

  @Test
  @DisplayName("TLS-G2 nothing is said to a peer that is gone: what waited is thrown away")
  void truncatedDiscards() throws Exception {
    TlsMachine machine = handshaken().client.machine;
    assertEquals(TlsNeed.NOTHING, machine.write(ByteBuffer.allocate(10)));
    long mark = machine.mark();
    assertFalse(machine.isSent(mark));
    machine.feedEof();
    BrokenResourceException e =
        assertThrows(BrokenResourceException.class, () -> machine.read(ByteBuffer.allocate(9)));
    assertInstanceOf(TlsTruncatedException.class, e.getCause());
    assertTrue(machine.isSent(mark), "nobody is to wait for it");
    assertNull(machine.takeOutput());
    assertFalse(machine.hasAlert());
  }

  @Test
  @DisplayName("TLS-B19 close_notify within the handshake is a failure")
  void closedInHandshake() throws Exception {
    NullEngine engine = new NullEngine(true);
    TlsMachine machine =
        new TlsMachine(
            engine, PeerDemands.NONE, TlsRole.CLIENT, false, new MachinePair.FreshBuffers());
    machine.begin(0);
    assertEquals(TlsNeed.SEND, machine.handshake());
    machine.feed(NullEngine.record(NullEngine.ALERT, (byte) 'B'));
    ByteBuffer batch = machine.takeOutput();
    assertNotNull(batch);
    machine.outputSent(batch);
    BrokenResourceException e =
        assertThrows(BrokenResourceException.class, () -> machine.handshake());
    assertTrue(e.reason().contains("closed the connection during the handshake"), e.reason());
  }
}
