package dev.tercet.internal.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.dtls.MachineLan.Flying;
import dev.tercet.internal.dtls.MachineLan.Node;
import dev.tercet.internal.dtls.bouncycastle.Identities;
import dev.tercet.internal.dtls.bouncycastle.LossyPair;
import dev.tercet.internal.dtls.bouncycastle.LossyPair.Row;
import dev.tercet.proto.dtls.Association;
import dev.tercet.proto.dtls.Association.State;
import dev.tercet.proto.dtls.ClientHello;
import dev.tercet.proto.dtls.DtlsRecord;
import dev.tercet.proto.dtls.DtlsSession;
import dev.tercet.proto.dtls.EndpointMachine;
import dev.tercet.proto.dtls.SessionSettings;
import dev.tercet.tls.DtlsEndpointStatistics;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is on the wire, and what is made of it, where the specification says the very bytes. */
class DtlsWireTest {
  private static final long MILLI = MachineLan.MILLI;

  private final MachineLan lan = new MachineLan(1);
  private final Node server = lan.node("192.0.2.1", 4433).serving();
  private final Node client = lan.node("192.0.2.2", 1000);
  private final List<Flying> seen = new ArrayList<>();

  @AfterEach
  void noEngineIsLeft() {
    server.machine.closeAll();
    client.machine.closeAll();
    assertEquals(0, lan.threads.alive());
  }

  private void watch() {
    lan.router =
        sent -> {
          seen.addAll(sent);
          return sent;
        };
  }

  private List<byte[]> seenFrom(Node node) {
    return seen.stream()
        .filter(each -> each.from().equals(node.address))
        .map(Flying::bytes)
        .toList();
  }

  /** A clear record; with a type of message, or none. */
  private static byte[] record(int type, int epoch, int... content) {
    byte[] record = new byte[DtlsRecord.HEADER_BYTES + content.length];
    record[0] = (byte) type;
    record[1] = (byte) 0xFE;
    record[2] = (byte) 0xFD;
    record[4] = (byte) epoch;
    record[12] = (byte) content.length;
    for (int i = 0; i < content.length; i++) {
      record[DtlsRecord.HEADER_BYTES + i] = (byte) content[i];
    }
    return record;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }

  @Test
  @DisplayName(
      "DTLS-A9 what begins with a clear handshake record and a hello in it is the server's"
          + " business")
  void whatLooksLikeAHello() {
    lan.handshake(client, server);
    byte[] hello = record(DtlsRecord.HANDSHAKE, 0, 1);
    // No hello in full, but it looks like one: the gate drops it, whoever has the address.
    assertEquals(1, gateDrops(hello));
    assertEquals(1, gateDrops(joined(hello, record(DtlsRecord.ALERT, 0, 2, 40))));
    for (byte[] other :
        List.of(
            new byte[0],
            record(DtlsRecord.HANDSHAKE, 0),
            record(DtlsRecord.HANDSHAKE, 0, 2),
            record(DtlsRecord.HANDSHAKE, 1, 1),
            record(DtlsRecord.APPLICATION_DATA, 0, 1),
            record(DtlsRecord.ALERT, 0, 1, 0),
            joined(record(DtlsRecord.ALERT, 0, 2, 40), hello))) {
      assertEquals(0, gateDrops(other), "length " + other.length);
    }
  }

  /** How many datagrams are dropped as hellos when this one comes from a stranger. */
  private long gateDrops(byte[] datagram) {
    DtlsEndpointStatistics before = server.machine.statistics();
    lan.arrive(new Flying(MachineLan.address("203.0.113.1", 1), server.address, datagram));
    DtlsEndpointStatistics after = server.machine.statistics();
    long dropped = after.malformed() - before.malformed();
    assertEquals(1, dropped + after.unknownAddress() - before.unknownAddress());
    return dropped;
  }

  @Test
  @DisplayName("DTLS-C8 each endpoint has a key of its own: one's cookie is nothing to another")
  void keys() {
    watch();
    Node other = lan.node("192.0.2.3", 4433).serving();
    client.start(client.connect(server));
    lan.settle();
    byte[] hello = seenFrom(client).get(1);
    lan.arrive(new Flying(client.address, other.address, hello));
    assertEquals(1, other.machine.statistics().badCookies());
    assertEquals(0, other.machine.statistics().accepted());
    assertEquals(1, server.machine.statistics().accepted());
  }

  @Test
  @DisplayName(
      "DTLS-C10 a server begins with the number of the hello that it took, and with message 1")
  void serverNumbers() {
    seen.clear();
    int[] sent = {0};
    lan.router =
        flying -> {
          seen.addAll(flying);
          // The first two are lost: the hello that is taken has another number than 1.
          return sent[0]++ < 2 ? List.of() : flying;
        };
    client.start(client.connect(server));
    lan.runFor(4000 * MILLI);
    Association in = server.accept();
    seen.clear();
    server.start(in);
    ClientHello hello = Objects.requireNonNull(in.hello());
    DtlsRecord first =
        DtlsRecord.splitUntrusted(ByteBuffer.wrap(seenFrom(server).get(0))).records().get(0);
    assertEquals(3, hello.recordNumber());
    assertEquals(3, first.sequence());
    ByteBuffer message = first.fragment();
    assertEquals(2, message.get(0), "a ServerHello");
    assertEquals(1, message.getShort(4), "its message number");
    lan.settle();
    assertEquals(State.ESTABLISHED, in.state());
  }

  @Test
  @DisplayName(
      "DTLS-D11 the alert of a refusal goes out once, though it is lost and the peer goes on")
  void alertsOnce() {
    LossyPair pair = new LossyPair(new Row(0, false, 1472, 1472, false, false), 1);
    try (pair) {
      pair.clientConfig = pair.clientConfig.withTrust(Identities.refusing());
      pair.restart();
      List<DtlsRecord> alerts = new ArrayList<>();
      pair.attacker =
          sent -> {
            List<DtlsRecord> records =
                DtlsRecord.splitUntrusted(ByteBuffer.wrap(sent.get(0))).records();
            boolean isAlert = records.get(0).type() == DtlsRecord.ALERT;
            if (isAlert) {
              alerts.addAll(records);
            }
            return isAlert ? List.of() : sent;
          };
      pair.start();
      for (int i = 0; i < 40; i++) {
        assertTrue(pair.step());
      }
      assertEquals(DtlsSession.State.FAILED, pair.client.state());
      assertTrue(pair.server().statistics().retransmits() > 10, "the server has not asked again");
      assertEquals(1, alerts.size());
      assertEquals(2, alerts.get(0).fragment().get(0), "fatal");
    }
  }

  /** Found by a damaged header: what was fed to the engine once, it had dropped for its version. */
  @ParameterizedTest
  @ValueSource(ints = {0xFD, 0xFF, 0xFC, 0x00})
  @DisplayName("DTLS-D10 a forged ChangeCipherSpec of any version before each packet does no harm")
  void forgedCipherChange(int minor) {
    byte[] change = record(DtlsRecord.CHANGE_CIPHER_SPEC, 0, 1);
    change[2] = (byte) minor;
    for (boolean isMutual : new boolean[] {false, true}) {
      try (LossyPair pair = new LossyPair(new Row(0, false, 1472, 1472, isMutual, false), 1)) {
        pair.attacker = sent -> List.of(change, sent.get(0));
        pair.handshake();
        pair.settle();
        assertEquals(List.of(List.of("up 0"), List.of("down 0")), pair.talk(1));
        assertEquals(0, pair.client.statistics().retransmits());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0xFF, 0xFC, 0x00})
  @DisplayName("DTLS-D10 a copy with another version in its record before each packet does no harm")
  void otherRecordVersions(int minor) {
    for (boolean isMutual : new boolean[] {false, true}) {
      try (LossyPair pair = new LossyPair(new Row(0, false, 1472, 1472, isMutual, false), 1)) {
        pair.attacker =
            sent -> {
              byte[] other = sent.get(0).clone();
              other[2] = (byte) minor;
              return List.of(other, sent.get(0));
            };
        pair.handshake();
        pair.settle();
        assertEquals(List.of(List.of("up 0"), List.of("down 0")), pair.talk(1));
      }
    }
  }

  @Test
  @DisplayName("DTLS-E4 what comes in, junk or half an answer, does not move the next transmission")
  void timerIsTheFlights() {
    List<Long> sentAt = new ArrayList<>();
    long begin = lan.nowNanos;
    lan.router =
        sent -> {
          sentAt.add((lan.nowNanos - begin) / MILLI);
          return List.of();
        };
    client.start(client.connect(server));
    // A ServerHello of 100 bytes, of which there is one.
    byte[] half = record(22, 0, 2, 0, 0, 100, 0, 1, 0, 0, 0, 0, 0, 1, 0xFE);
    for (int i = 0; i < 80; i++) {
      lan.runFor(100 * MILLI);
      half[10] = (byte) i;
      lan.arrive(new Flying(server.address, client.address, half));
      lan.arrive(new Flying(server.address, client.address, new byte[] {22, 3, 3}));
      lan.arrive(new Flying(server.address, client.address, record(21, 0, 2, 40)));
    }
    assertEquals(List.of(0L, 1000L, 3000L, 7000L), sentAt);
  }

  @Test
  @DisplayName("DTLS-E13 an MTU below a hello keeps nobody from a handshake")
  void helloAboveTheMtu() {
    watch();
    Association out = client.connect(server);
    client.settings = new SessionSettings(1000 * MILLI, Long.MAX_VALUE, 100, 100, 10);
    server.settings = client.settings;
    client.start(out);
    lan.settle();
    assertTrue(seenFrom(client).get(1).length > 150);
    server.start(server.accept());
    lan.settle();
    assertEquals(State.ESTABLISHED, out.state());
    long longer = seen.stream().filter(each -> each.bytes().length > 100).count();
    assertEquals(2, longer, "the hellos");
  }

  @Test
  @DisplayName("DTLS-G10 two records in one datagram are two messages")
  void twoInOne() {
    List<Association> pair = lan.handshake(client, server);
    client.machine.send(pair.get(0), new byte[] {'a'});
    client.machine.send(pair.get(0), new byte[] {'b'});
    byte[] first = Objects.requireNonNull(client.machine.pollOutgoing()).bytes();
    byte[] second = Objects.requireNonNull(client.machine.pollOutgoing()).bytes();
    lan.arrive(new Flying(client.address, server.address, joined(first, second)));
    assertEquals(List.of("a", "b"), MachineLan.drain(pair.get(1)));
    // A bad one between two good ones takes nothing with it.
    client.machine.send(pair.get(0), new byte[] {'c'});
    client.machine.send(pair.get(0), new byte[] {'d'});
    byte[] third = Objects.requireNonNull(client.machine.pollOutgoing()).bytes();
    byte[] fourth = Objects.requireNonNull(client.machine.pollOutgoing()).bytes();
    byte[] forged = third.clone();
    forged[20] ^= 1;
    lan.arrive(new Flying(client.address, server.address, joined(third, joined(forged, fourth))));
    assertEquals(List.of("c", "d"), MachineLan.drain(pair.get(1)));
  }

  @Test
  @DisplayName("DTLS-H4 nothing begins a second handshake in an association: sealed or clear")
  void noRenegotiation() {
    List<Association> pair = lan.handshake(client, server);
    client.send(pair.get(0), "up");
    server.send(pair.get(1), "down");
    lan.settle();
    watch();
    // HelloRequest, and a sealed record of the handshake, which may be a hello or a HelloRequest.
    byte[] request = record(DtlsRecord.HANDSHAKE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    byte[] sealed = record(DtlsRecord.HANDSHAKE, 1, new int[90]);
    byte[] change = record(DtlsRecord.CHANGE_CIPHER_SPEC, 0, 1);
    for (byte[] each : List.of(request, sealed, change)) {
      lan.arrive(new Flying(server.address, client.address, each));
      lan.arrive(new Flying(client.address, server.address, each));
      lan.runFor(2000 * MILLI);
    }
    assertEquals(List.of(), seen);
    for (Association each : pair) {
      assertEquals(State.ESTABLISHED, each.state());
    }
    assertNull(server.machine.pollAccepted());
    client.send(pair.get(0), "again");
    lan.settle();
    assertEquals(List.of("up", "again"), MachineLan.drain(pair.get(1)));
    assertEquals(1, server.machine.statistics().accepted());
  }

  @Test
  @DisplayName("DTLS-A10 datagrams go out in the order in which they were made")
  void order() {
    List<Association> pair = lan.handshake(client, server);
    for (int i = 0; i < 5; i++) {
      client.machine.send(pair.get(0), new byte[] {(byte) i});
    }
    List<EndpointMachine.Outgoing> sent = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      sent.add(Objects.requireNonNull(client.machine.pollOutgoing()));
    }
    for (int i = 0; i < 5; i++) {
      lan.arrive(new Flying(client.address, sent.get(i).to(), sent.get(i).bytes()));
      byte[] message = pair.get(1).pollMessage();
      assertEquals(i, message == null ? -1 : message[0]);
    }
  }
}
