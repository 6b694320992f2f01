package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tercet.internal.wait.ManualWorld;
import dev.tercet.proto.serve.IdleCount;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The sockets are real; the time is the test's, so that a machine that stands still for a second
 * makes nobody idle.
 */
@Timeout(60)
class IdleTimeoutRealSocketTest {
  private static final Duration IDLE_TIMEOUT = Duration.ofMillis(300);

  @BeforeEach
  void before() throws Exception {
    RealSockets.before();
  }

  @AfterEach
  void after() throws Exception {
    RealSockets.after();
  }

  @Test
  @DisplayName(
      "IO-SV10 an idle connection is cancelled after the idle time, or up to a quarter longer; one that moves a byte in time is not")
  void idle() throws Exception {
    ManualWorld world = new ManualWorld();
    world.run(
        () ->
            Nursery.run(
                nursery -> {
                  List<SocketListener> listeners =
                      nursery.start(
                          status ->
                              Net.serveTcp(
                                  0,
                                  IdleTimeoutRealSocketTest::echo,
                                  ListenOptions.DEFAULT.withHost("127.0.0.1"),
                                  ServeOptions.DEFAULT.withIdleTimeout(IDLE_TIMEOUT),
                                  status));
                  int port = listeners.get(0).port();
                  try (SocketStream idle = connect(port);
                      SocketStream seldom = connect(port);
                      SocketStream busy = connect(port)) {
                    for (int look = 1; look <= 5 * IdleCount.LOOKS; look++) {
                      world.awaitParked(1);
                      world.advance(IDLE_TIMEOUT.dividedBy(IdleCount.LOOKS));
                      // The look is over when the next one is waited for.
                      world.awaitParked(1);
                      if (look == IdleCount.LOOKS + 1) {
                        // The first look learned where the count stands.
                        assertEquals(0, idle.receiveSome(1).length);
                      }
                      if (look % IdleCount.LOOKS == 0) {
                        ping(seldom);
                      }
                      ping(busy);
                    }
                  }
                  nursery.cancelChildren();
                }));
  }

  private static void echo(SocketStream stream) throws IOException, InterruptedException {
    for (byte[] some = stream.receiveSome(100); some.length > 0; some = stream.receiveSome(100)) {
      stream.sendAll(ByteBuffer.wrap(some));
    }
  }

  private static SocketStream connect(int port) throws IOException, InterruptedException {
    SocketStream stream = Net.openTcpStream("127.0.0.1", port);
    ping(stream);
    return stream;
  }

  private static void ping(SocketStream stream) throws IOException, InterruptedException {
    stream.sendAll(ByteBuffer.wrap(new byte[] {'x'}));
    assertArrayEquals(new byte[] {'x'}, stream.receiveSome(1));
  }
}
