package dev.tercet.internal.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.dtls.MachineLan.Node;
import dev.tercet.proto.dtls.Association;
import dev.tercet.proto.dtls.DtlsRecord;
import dev.tercet.support.Stress;
import dev.tercet.tls.DtlsEndpointStatistics;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Somebody repeats himself, in the peer's name, to a client and a server in the middle of their
 * handshake, and afterwards: what is kept of it does not grow with how often.
 */
class DtlsFloodTest {
  private static final int DATAGRAMS = Stress.rounds(400, 10_000);
  private static final int HUGE = 65_507;

  /** What a heap grows by itself; a list of what came would be more. */
  private static final long NOISE_BYTES = 150_000;

  static Stream<Arguments> floods() {
    return Stream.of(
        row("nothing", i -> new byte[0]),
        row("64 KiB of nothing", i -> new byte[HUGE]),
        row("parts of ever other messages", i -> part(11, 20_000, i % 65_536, 0, 1000)),
        row(
            "parts of the messages to come",
            i -> part(11, 32_000, 2 + i % 14, i / 14 * 900 % 31_000, 900)),
        row("single bytes of them", i -> part(11, 32_000, 2 + i % 14, 2 * i % 31_999, 1)),
        row("parts without a byte", i -> part(11, 32_000, 2 + i % 14, i % 32_000, 0)),
        row("messages of 16 MiB", i -> part(11, 0xFF_FFFF, 2 + i % 14, 0, 1000)),
        row("sealed parts of the handshake", i -> record(22, 1, new byte[2000])),
        row("sealed messages", i -> record(23, 1, new byte[2000])),
        row("changes of the cipher", i -> record(20, 0, new byte[] {1})),
        row("alerts", i -> record(21, 0, new byte[] {2, 40})),
        row("challenges", i -> challenge(i)));
  }

  private static Arguments row(String name, IntFunction<byte[]> datagrams) {
    return Arguments.of(Named.of(name, datagrams));
  }

  private static byte[] record(int type, int epoch, byte[] content) {
    return ByteBuffer.allocate(DtlsRecord.HEADER_BYTES + content.length)
        .put((byte) type)
        .putShort((short) DtlsRecord.VERSION_1_2)
        .putLong((long) epoch << 48 | 1000)
        .putShort((short) content.length)
        .put(content)
        .array();
  }

  private static byte[] part(int type, int messageBytes, int number, int offset, int length) {
    ByteBuffer part = ByteBuffer.allocate(12 + length);
    part.putInt(type << 24 | messageBytes).putShort((short) number);
    part.put((byte) (offset >>> 16)).putShort((short) offset);
    part.put((byte) 0).putShort((short) length);
    return record(DtlsRecord.HANDSHAKE, 0, part.array());
  }

  private static byte[] challenge(int i) {
    ByteBuffer body = ByteBuffer.allocate(12 + 35);
    body.putInt(3 << 24 | 35).putInt(0).putInt(35).putShort((short) 0xFEFF).put((byte) 32);
    return record(DtlsRecord.HANDSHAKE, 0, body.putInt(i).array());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("floods")
  @DisplayName(
      "DTLS-L6 DTLS-L5 a flood in the peer's name takes no memory and gets few answers, in the"
          + " handshake and after it")
  void constantMemory(IntFunction<byte[]> flood) {
    MachineLan lan = new MachineLan(1);
    Node server = lan.node("192.0.2.1", 4433).serving();
    Node client = lan.node("192.0.2.2", 1000);
    // The server has the hello and the client nothing but a challenge: both are in the handshake.
    Association out = client.connect(server);
    client.start(out);
    lan.settle();
    Association in = server.accept();
    lan.router = sent -> List.of();
    server.start(in);
    assertEquals(Association.State.HANDSHAKING, in.state());
    flood(lan, List.of(server, client), flood);
    assertEquals(1, server.machine.statistics().halfOpen());
    server.machine.closeAll();
    client.machine.closeAll();
    assertEquals(0, lan.threads.alive());

    lan.router = sent -> sent;
    server.serving();
    lan.nowNanos += 100_000 * MachineLan.MILLI;
    List<Association> pair = lan.handshake(client, server);
    lan.router = sent -> List.of();
    flood(lan, List.of(server, client), flood);
    lan.router = sent -> sent;
    client.send(pair.get(0), "still");
    server.send(pair.get(1), "here");
    lan.settle();
    assertEquals(List.of("still"), MachineLan.drain(pair.get(1)));
    assertEquals(List.of("here"), MachineLan.drain(pair.get(0)));
    server.machine.closeAll();
    client.machine.closeAll();
    assertEquals(0, lan.threads.alive());
  }

  /** Both get the same, from each other's address, a hundred of them in a second. */
  private static void flood(MachineLan lan, List<Node> nodes, IntFunction<byte[]> flood) {
    long before = 0;
    long sentBefore = 0;
    long began = lan.nowNanos;
    for (Node node : nodes) {
      sentBefore += node.machine.statistics().datagramsOut();
    }
    for (int i = 0; i < DATAGRAMS; i++) {
      if (i == DATAGRAMS / 3) {
        before = usedBytes();
      }
      byte[] datagram = flood.apply(i);
      for (int to = 0; to < 2; to++) {
        // Not by way of the lan, which keeps a trace.
        nodes
            .get(to)
            .machine
            .receive(nodes.get(1 - to).address, ByteBuffer.wrap(datagram), lan.nowNanos);
        lan.pump();
      }
      lan.runFor(10 * MachineLan.MILLI);
    }
    long grown = usedBytes() - before;
    for (int tries = 0; grown >= NOISE_BYTES && tries < 20; tries++) {
      // What is kept stays; what else the JVM has in use comes and goes.
      grown = usedBytes() - before;
    }
    assertTrue(grown < NOISE_BYTES, "the heap has grown by " + grown + " bytes");
    long sent = -sentBefore;
    for (Node node : nodes) {
      DtlsEndpointStatistics counters = node.machine.statistics();
      sent += counters.datagramsOut();
    }
    // A flight of at most two datagrams in each half second, from either side.
    long halfSeconds = (lan.nowNanos - began) / (500 * MachineLan.MILLI);
    assertTrue(
        sent <= 4 * (halfSeconds + 1), sent + " answers in " + halfSeconds + " half seconds");
  }

  private static long usedBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
