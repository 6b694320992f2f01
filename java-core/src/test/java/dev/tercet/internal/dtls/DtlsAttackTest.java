package dev.tercet.internal.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.dtls.MachineLan.Flying;
import dev.tercet.internal.dtls.MachineLan.Node;
import dev.tercet.proto.dtls.Association;
import dev.tercet.proto.dtls.SessionSettings;
import dev.tercet.support.Stress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What somebody does who can write any datagram, and somebody who sits on the way. */
class DtlsAttackTest {
  private static final int JUNK = Stress.rounds(5_000, 100_000);
  private static final long SECOND = 1000 * MachineLan.MILLI;
  private static final long SEED = Stress.seed(DtlsAttackTest.class);

  @Test
  @DisplayName(
      "DTLS-C1 DTLS-L6 hellos from ever other addresses cost an answer each, and no memory")
  void helloFlood() throws Exception {
    int hellos = Stress.rounds(100_000, 1_000_000);
    MachineLan lan = new MachineLan(1);
    Node server = lan.node("192.0.2.1", 4433).serving();
    byte[] hello = helloOf(lan, server);
    flood(lan, server, hello, 0, hellos / 10);
    long before = usedBytes();
    flood(lan, server, hello, hellos / 10, hellos);
    long grown = usedBytes() - before;
    assertEquals(hellos + 1L, server.machine.statistics().challenged());
    assertEquals(0, server.machine.statistics().halfOpen());
    // An entry for each would be many times that.
    assertTrue(grown < hellos, "the heap has grown by " + grown + " bytes");
    assertEquals(2, lan.handshake(lan.node("192.0.2.9", 9), server).size());
  }

  private static void flood(MachineLan lan, Node server, byte[] hello, int from, int to)
      throws UnknownHostException {
    for (int i = from; i < to; i++) {
      byte[] ip = {10, (byte) (i >>> 16), (byte) (i >>> 8), (byte) i};
      InetSocketAddress forged =
          new InetSocketAddress(InetAddress.getByAddress(ip), 1 + i % 60_000);
      server.machine.receive(forged, ByteBuffer.wrap(hello), lan.nowNanos);
      while (server.machine.pollOutgoing() != null) {}
    }
  }

  private static byte[] helloOf(MachineLan lan, Node server) {
    List<byte[]> seen = new ArrayList<>();
    lan.router =
        sent -> {
          seen.add(sent.get(0).bytes());
          return sent;
        };
    Node client = lan.node("192.0.2.8", 8);
    Association out = client.connect(server);
    client.start(out);
    client.close(out);
    lan.router = sent -> sent;
    lan.settle();
    server.machine.stopServing();
    server.serving();
    return seen.get(0);
  }

  private static long usedBytes() {
    System.gc();
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  @Test
  @DisplayName(
      "DTLS-J2 DTLS-G4 DTLS-G7 thousands of datagrams of junk beside an echo: each word arrives once")
  void junkBesideAnEcho() {
    Random random = new Random(SEED);
    MachineLan lan = new MachineLan(SEED);
    List<byte[]> seen = new ArrayList<>();
    lan.router =
        sent -> {
          seen.add(sent.get(0).bytes().clone());
          return sent;
        };
    Node server = lan.node("192.0.2.1", 4433).serving();
    Node client = lan.node("192.0.2.2", 1000);
    List<Association> pair = lan.handshake(client, server);
    InetSocketAddress stranger = MachineLan.address("192.0.2.66", 66);
    for (int i = 0; i < JUNK; i++) {
      boolean toServer = random.nextBoolean();
      Node victim = toServer ? server : client;
      InetSocketAddress peer = toServer ? client.address : server.address;
      // Most in the peer's own name, which is the worse case.
      InetSocketAddress from = random.nextInt(4) == 0 ? stranger : peer;
      lan.arrive(new Flying(from, victim.address, junk(random, seen)));
      if (i % 500 == 0) {
        String word = "word " + i;
        client.send(pair.get(0), word);
        lan.settle();
        assertEquals(List.of(word), MachineLan.drain(pair.get(1)), () -> "seed " + SEED);
        server.send(pair.get(1), word);
        lan.settle();
        assertEquals(List.of(word), MachineLan.drain(pair.get(0)), () -> "seed " + SEED);
      }
      lan.settle();
    }
    assertEquals(List.of(), MachineLan.drain(pair.get(1)));
    assertEquals(List.of(), MachineLan.drain(pair.get(0)));
    assertEquals(Association.State.ESTABLISHED, pair.get(0).state());
    assertEquals(Association.State.ESTABLISHED, pair.get(1).state());
    assertEquals(0, lan.threads.alive());
  }

  /**
   * Nothing, noise, lies about lengths, and what has passed by: again, damaged, cut or lengthened.
   */
  private static byte[] junk(Random random, List<byte[]> seen) {
    byte[] old = seen.get(random.nextInt(Math.min(seen.size(), 200))).clone();
    switch (random.nextInt(7)) {
      case 0 -> {
        return new byte[0];
      }
      case 1 -> {
        byte[] noise = new byte[random.nextInt(random.nextInt(50) == 0 ? 65_508 : 200)];
        random.nextBytes(noise);
        return noise;
      }
      case 2 -> {
        return Arrays.copyOf(old, random.nextInt(old.length + 1));
      }
      case 3 -> {
        return Arrays.copyOf(old, old.length + random.nextInt(100));
      }
      case 4 -> {
        // The lengths of record and message are in the first 25 bytes.
        old[random.nextInt(Math.min(25, old.length))] = (byte) random.nextInt();
        return old;
      }
      case 5 -> {
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
          old[random.nextInt(old.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return old;
      }
      default -> {
        return old;
      }
    }
  }

  @Test
  @DisplayName(
      "DTLS-J2 DTLS-D10 any byte of any packet of a handshake damaged: it ends, well or with a cause")
  void damagedHandshakes() {
    int step = Stress.isFull() ? 1 : 17;
    int[] lengths = lengthsOfHandshake();
    for (int packet = 0; packet < lengths.length; packet++) {
      for (int at = packet % step; at < lengths[packet]; at += step) {
        damagedHandshake(packet, at);
      }
    }
  }

  private static int[] lengthsOfHandshake() {
    MachineLan lan = new MachineLan(7);
    List<Integer> lengths = new ArrayList<>();
    lan.router =
        sent -> {
          lengths.add(sent.get(0).bytes().length);
          return sent;
        };
    lan.handshake(lan.node("192.0.2.2", 1000), lan.node("192.0.2.1", 4433).serving());
    return lengths.stream().mapToInt(Integer::intValue).toArray();
  }

  private static void damagedHandshake(int packet, int at) {
    String which = "byte " + at + " of packet " + packet;
    MachineLan lan = new MachineLan(7);
    Node server = lan.node("192.0.2.1", 4433).serving();
    Node client = lan.node("192.0.2.2", 1000);
    SessionSettings limited = new SessionSettings(SECOND, 60 * SECOND, 1472, 548, 10);
    server.settings = limited;
    client.settings = limited;
    int[] sent = {0};
    lan.router =
        flying -> {
          if (sent[0]++ == packet) {
            flying.get(0).bytes()[at] ^= 1;
          }
          return flying;
        };
    Association out = client.connect(server);
    client.start(out);
    Association in = null;
    for (int second = 0; second < 130; second++) {
      lan.runFor(SECOND);
      if (server.machine.hasAccepted()) {
        in = server.accept();
        server.start(in);
      }
    }
    boolean isDone = out.state() == Association.State.ESTABLISHED;
    assertTrue(isDone || out.failure() != null, which + ": " + out + ", " + in);
    if (isDone && in != null && in.state() == Association.State.ESTABLISHED) {
      client.send(out, "well");
      lan.settle();
      assertEquals(List.of("well"), MachineLan.drain(in), which);
    }
    client.close(out);
    if (in != null) {
      server.close(in);
    }
    lan.settle();
    assertEquals(0, lan.threads.alive(), which);
    // And whoever comes next is served.
    assertEquals(2, lan.handshake(lan.node("192.0.2.3", 1000), server).size(), which);
  }
}
