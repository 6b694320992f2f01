package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.Network;
import dev.tercet.Resolver;
import dev.tercet.loop.EventLoop;
import dev.tercet.support.Stress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Races that are interrupted, or whose scope ends, at any instant, also that of the success: a
 * connection is returned, or nothing is left, and no SYN.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConnectCancelStressTest {
  private static final int RACES = Stress.rounds(2_000, 20_000);

  /**
   * About what a race takes here and now. It grows when one was cut and shrinks when one was won,
   * so that there are enough of both, however the speed of the machine changes.
   */
  private volatile long usualNanos = 1_000_000;

  private int won;
  private int interrupted;
  private int expired;

  @Test
  @DisplayName("IO-HE14 IO-HE9 IO-HE10 races cut short at random instants leak no socket")
  void randomInstants() throws Exception {
    long seed = Stress.seed(ConnectCancelStressTest.class);
    try (DeadAddress dead = DeadAddress.open();
        ServerSocket second =
            new ServerSocket(dead.port(), 50, InetAddress.getByName("127.0.0.4"))) {
      Thread.currentThread().setName("races");
      drain(second);
      RealSockets.before();
      int before = RealSockets.open();
      List<@Nullable Throwable> failure = new ArrayList<>();
      Thread racer =
          new Thread(
              () -> {
                try {
                  race(dead.port(), new SplittableRandom(seed));
                } catch (Throwable e) {
                  failure.add(e);
                }
              });
      racer.start();
      SplittableRandom random = new SplittableRandom(seed + 1);
      while (racer.isAlive()) {
        racer.interrupt();
        LockSupport.parkNanos(random.nextLong(1, 4 * usualNanos));
      }
      racer.join();
      String tally =
          won + " won, " + interrupted + " interrupted, " + expired + " expired, seed " + seed;
      System.out.println(tally);
      assertEquals(List.of(), failure, tally);
      assertTrue(won > RACES / 20 && interrupted > RACES / 50 && expired > RACES / 50, tally);
      assertEquals(0, dead.synSent(), tally);
      // The far ends are closed by the test when they see the end.
      RealSockets.eventually(tally, () -> RealSockets.open() <= before);
    }
  }

  private static Network network() throws IOException {
    List<InetAddress> addresses =
        List.of(
            InetAddress.getByName("127.0.0.3"),
            InetAddress.getByName("127.0.0.2"),
            InetAddress.getByName("127.0.0.4"),
            InetAddress.getByName("127.0.0.4"));
    return EventLoop.shared()
        .network()
        .withResolver(Resolver.fixed(Map.of("test.example", addresses)));
  }

  private static ConnectOptions options(Network network, Duration delay) {
    return ConnectOptions.DEFAULT.withNetwork(network).withHappyEyeballsDelay(delay);
  }

  private void race(int port, SplittableRandom random) throws Exception {
    Network network = network();
    for (int i = 0; i < RACES; i++) {
      ConnectOptions options = options(network, Duration.ofNanos(random.nextInt(3) * 100_000L));
      boolean isCut = true;
      try {
        isCut =
            CancelScope.moveOnAfter(Duration.ofNanos(random.nextLong(1, 3 * usualNanos)))
                .run(
                    () -> {
                      SocketStream stream = Net.openTcpStream("test.example", port, options);
                      won++;
                      stream.closeForcefully();
                    });
        if (isCut) {
          expired++;
        }
      } catch (InterruptedException e) {
        interrupted++;
      }
      long usual = usualNanos;
      usualNanos = Math.max(10_000, isCut ? usual + usual / 32 : usual - usual / 64);
    }
  }

  /** Accepts and closes, as long as the listener is open. */
  private static void drain(ServerSocket listener) {
    Thread thread =
        new Thread(
            () -> {
              try {
                while (true) {
                  listener.accept().close();
                }
              } catch (SocketException closed) {
                // The test has ended.
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
  }
}
