package dev.tercet.internal.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.dtls.bouncycastle.DtlsEngines;
import dev.tercet.internal.dtls.bouncycastle.Identities;
import dev.tercet.internal.dtls.bouncycastle.LossyPair;
import dev.tercet.proto.dtls.DtlsSession;
import dev.tercet.proto.dtls.DtlsSession.State;
import dev.tercet.tls.DtlsConfig;
import java.security.SecureRandom;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PooledThreadsTest {
  /** The real form against lock step: the client's engine works on, and wakes its driver. */
  @Test
  void anEngineOfThePoolWakesItsDriverAndEnds() throws InterruptedException {
    try (PooledThreads threads = new PooledThreads(1);
        LossyPair pair = new LossyPair(new LossyPair.Row(0, false, 1472, 1472, false, false), 1)) {
      LinkedBlockingQueue<Boolean> wakeUps = new LinkedBlockingQueue<>();
      DtlsSession client =
          DtlsSession.client(
              new DtlsEngines(threads, new SecureRandom())
                  .client(
                      DtlsConfig.DEFAULT.withTrust(Identities.SMALL.trust()),
                      Identities.HOST,
                      LossyPair.SERVER_ADDRESS,
                      0,
                      () -> wakeUps.add(true)),
              MachineLan.SETTINGS);
      pair.useClient(client);
      pair.start();
      // Hello, hello with the cookie, key and Finished, the end: after each the engine stops.
      while (client.state() != State.ESTABLISHED) {
        wakeUps.take();
        client.engineReady(pair.nowNanos);
        pair.pump();
        pair.settle();
      }
      assertEquals(java.util.List.of("up 0"), pair.talk(1).get(0));
      while (threads.alive() > 0) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void anEngineThatIsGivenUpEndsAndThereIsRoomAgain() throws InterruptedException {
    try (PooledThreads threads = new PooledThreads(1)) {
      LinkedBlockingQueue<Boolean> wakeUps = new LinkedBlockingQueue<>();
      DtlsSession first = client(threads, wakeUps);
      first.start(0);
      wakeUps.take();
      first.engineReady(0);
      assertTrue(first.pollDatagram() != null);
      DtlsSession second = client(threads, wakeUps);
      second.start(0);
      assertEquals(State.FAILED, second.state());
      assertTrue(String.valueOf(second.failure()).contains("too many handshakes"));
      first.close(false);
      while (threads.alive() > 0) {
        Thread.onSpinWait();
      }
    }
  }

  private static DtlsSession client(PooledThreads threads, LinkedBlockingQueue<Boolean> wakeUps) {
    return DtlsSession.client(
        new DtlsEngines(threads, new SecureRandom())
            .client(
                DtlsConfig.DEFAULT,
                Identities.HOST,
                LossyPair.SERVER_ADDRESS,
                0,
                () -> wakeUps.add(true)),
        MachineLan.SETTINGS);
  }
}
