package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ResourceException;
import dev.tercet.internal.tls.ServerName;
import dev.tercet.internal.tls.TlsEngines;
import dev.tercet.support.HandshakeDamage;
import dev.tercet.support.Stress;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsVersion;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Handshakes of which one flight is damaged: hellos of both sides, and in TLS 1.2 the certificate
 * and the keys too. What must hold: the side that gets it goes on, or it fails and has an alert for
 * its peer.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class HandshakeFuzzTest {
  private static final int TIMES = Stress.rounds(400, 20_000);
  private final long seed = Stress.seed(HandshakeFuzzTest.class);

  /** What a side has sent until it needs an answer, or has failed. */
  private static byte[] flight(TlsMachine machine) throws ResourceException {
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    while (true) {
      TlsNeed need = machine.handshake();
      switch (need) {
        case SEND -> drain(machine, sent);
        case COMPUTE -> compute(machine);
        default -> {
          drain(machine, sent);
          return sent.toByteArray();
        }
      }
    }
  }

  private static void compute(TlsMachine machine) {
    Runnable task = machine.takeTask();
    if (task == null) {
      return;
    }
    Throwable failure = null;
    try {
      task.run();
    } catch (RuntimeException e) {
      failure = e;
    }
    machine.taskDone(failure);
  }

  private static void drain(TlsMachine machine, ByteArrayOutputStream into) {
    ByteBuffer batch = machine.takeOutput();
    if (batch != null) {
      byte[] bytes = new byte[batch.remaining()];
      batch.get(bytes);
      into.writeBytes(bytes);
      machine.outputSent(batch);
    }
  }

  private static TlsMachine machine(SSLEngine engine, TlsRole role) {
    TlsMachine machine =
        new TlsMachine(engine, PeerDemands.NONE, role, false, new MachinePair.FreshBuffers());
    machine.begin(0);
    return machine;
  }

  /** The types of the records. */
  private static String types(byte[] wire) {
    StringBuilder types = new StringBuilder();
    for (int at = 0; at < wire.length; ) {
      types.append(' ').append(wire[at]);
      at += 5 + ((wire[at + 3] & 0xff) << 8 | (wire[at + 4] & 0xff));
    }
    return types.toString();
  }

  @ParameterizedTest
  @CsvSource({
    "TLS_1_2, SERVER, 1",
    "TLS_1_2, SERVER, 2",
    "TLS_1_2, CLIENT, 1",
    "TLS_1_3, SERVER, 1",
    "TLS_1_3, CLIENT, 1"
  })
  @DisplayName("TLS-B19 whatever is wrong in a flight, the handshake goes on or the peer is told")
  void damaged(TlsVersion version, TlsRole victimRole, int flights) throws Exception {
    int failures = 0;
    for (int i = 0; i < TIMES; i++) {
      Random random = new Random(seed + i);
      TlsMachine client =
          machine(
              TlsEngines.client(
                      MachinePair.stranger().withVersions(version).withAlpn("h2", "x"),
                      ServerName.of("server.test"))
                  .engine(),
              TlsRole.CLIENT);
      TlsMachine server =
          machine(TlsEngines.server(MachinePair.SERVER.withAlpn("x")).engine(), TlsRole.SERVER);
      TlsMachine victim = victimRole == TlsRole.CLIENT ? client : server;
      TlsMachine peer = victim == client ? server : client;
      byte[] flight = flight(client);
      for (int f = 1; f < flights; f++) {
        server.feed(flight);
        byte[] answer = flight(server);
        client.feed(answer);
        flight = flight(client);
      }
      if (victim == client) {
        server.feed(flight);
        flight = flight(server);
      }
      byte[] damaged = new HandshakeDamage(random).of(flight);
      String what = version + ", " + victimRole + ", flight " + flights + ", seed " + (seed + i);
      victim.feed(damaged);
      @Nullable BrokenResourceException failure = null;
      try {
        byte[] unused = flight(victim);
      } catch (BrokenResourceException e) {
        failure = e;
      }
      if (failure != null) {
        failures++;
        ByteArrayOutputStream last = new ByteArrayOutputStream();
        drain(victim, last);
        String types = types(last.toByteArray());
        boolean told =
            types.endsWith(" 21") || (version == TlsVersion.TLS_1_3 && types.endsWith(" 23"));
        assertTrue(told, () -> what + ": no alert, records" + types);
      }
      assertTrue(peer.release() && victim.release(), what);
    }
    int count = failures;
    assertTrue(count > TIMES / 4, () -> "only " + count + " were found to be wrong");
  }
}
