package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.ResourceException;
import dev.tercet.support.Stress;
import dev.tercet.tls.TlsTruncatedException;
import dev.tercet.tls.TlsVersion;
import java.util.Arrays;
import java.util.Random;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A whole conversation (handshake, request, reply, close_notify alerts), cut and damaged at its
 * bytes. What must hold: nobody receives what was not sent, nobody takes for an end what is none,
 * and nobody waits or spins.
 *
 * <p>By default a sample of the bytes is tried, from a seed that is in each message; with {@code
 * -Dtercet.stress} all of them.
 */
class TlsDamageTest {
  private static final byte[] REQUEST = TlsMachineTest.bytes(300, 1);
  private static final byte[] REPLY = TlsMachineTest.bytes(500, 2);
  private static final boolean ALL = Stress.isFull();
  private static final int SAMPLE = 15;
  private final long seed = Stress.seed(TlsDamageTest.class);

  /** Runs as much of the conversation as there is. */
  private static void converse(MachinePair pair) {
    MachinePair.Side client = pair.client;
    MachinePair.Side server = pair.server;
    pair.run(client.handshake(), server.handshake());
    if (client.failure == null && client.machine.info() != null) {
      pair.run(client.write(REQUEST), server.read(REQUEST.length));
    }
    if (server.failure == null && server.received.size() == REQUEST.length) {
      pair.run(client.read(REPLY.length), server.write(REPLY));
    }
    if (client.failure == null && client.received.size() == REPLY.length) {
      pair.run(client.close(), server.readToEnd());
    }
    if (server.failure == null && server.machine.isPeerClosed()) {
      pair.run(client.readToEnd(), server.close());
    }
  }

  private static void assertPrefix(byte[] whole, MachinePair.Side side, String what) {
    byte[] received = side.received.toByteArray();
    assertTrue(received.length <= whole.length, what);
    assertTrue(Arrays.equals(received, Arrays.copyOf(whole, received.length)), what);
  }

  private int[] positions(int total, Random random) {
    int[] positions = new int[ALL ? total : Math.min(total, SAMPLE)];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = ALL ? i : random.nextInt(total);
    }
    return positions;
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-G2 TLS-B10 TLS-G7 a conversation that is cut at any byte is truncated, no end")
  void truncation(TlsVersion version) {
    Random random = new Random(seed);
    for (boolean fromClient : new boolean[] {true, false}) {
      MachinePair whole = MachinePair.of(version);
      converse(whole);
      int total = (fromClient ? whole.toServer : whole.toClient).all.size();
      // Lengths differ from run to run (signatures, tickets): the last close_notify is out of it.
      for (int at : positions(total - 60, random)) {
        String what = version + ", cut at " + at + ", from client " + fromClient + ", seed " + seed;
        MachinePair pair = MachinePair.of(version, seed, 70_000);
        (fromClient ? pair.toServer : pair.toClient).cutAfter(at);
        converse(pair);
        assertPrefix(REQUEST, pair.server, what);
        assertPrefix(REPLY, pair.client, what);
        if (!(fromClient ? pair.toServer : pair.toClient).isCut()) {
          assertTrue(pair.server.machine.isPeerClosed(), what);
          assertTrue(pair.client.machine.isPeerClosed(), what);
          continue; // this conversation was shorter than the one that was measured
        }
        MachinePair.Side victim = fromClient ? pair.server : pair.client;
        // Whatever the phase, who waits for more is told that it is not coming.
        pair.run(
            fromClient ? () -> TlsNeed.NOTHING : victim.readToEnd(),
            fromClient ? victim.readToEnd() : () -> TlsNeed.NOTHING);
        ResourceException failure = victim.failure;
        assertTrue(failure != null, what);
        assertFalse(victim.machine.isPeerClosed(), what);
        assertInstanceOf(TlsTruncatedException.class, victim.failed().getCause(), what);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-D11 TLS-G8 a flipped bit anywhere never passes as data or as an end")
  void bitFlips(TlsVersion version) {
    Random random = new Random(seed);
    for (boolean fromClient : new boolean[] {true, false}) {
      MachinePair whole = MachinePair.of(version);
      converse(whole);
      int total = (fromClient ? whole.toServer : whole.toClient).all.size();
      for (int at : positions(total, random)) {
        int bit = random.nextInt(8);
        String what =
            version + ", bit " + bit + " of " + at + ", client " + fromClient + ", seed " + seed;
        MachinePair pair = MachinePair.of(version, seed, 70_000);
        (fromClient ? pair.toServer : pair.toClient).flip(at, bit);
        converse(pair);
        assertPrefix(REQUEST, pair.server, what);
        assertPrefix(REPLY, pair.client, what);
        for (MachinePair.Side side : new MachinePair.Side[] {pair.client, pair.server}) {
          if (side.failure != null) {
            Throwable cause = side.failed().getCause();
            assertTrue(
                cause instanceof SSLException || cause instanceof TlsTruncatedException,
                what + ": " + side.failure);
          }
        }
        if (pair.server.machine.isPeerClosed()) {
          assertTrue(pair.server.received.size() == REQUEST.length, what);
        }
        if (pair.client.machine.isPeerClosed()) {
          assertTrue(pair.client.received.size() == REPLY.length, what);
        }
      }
    }
  }
}
