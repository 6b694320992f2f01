package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.loop.EventLoop;
import dev.tercet.tls.DtlsConfig;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the collector says of endpoints that nobody has closed. */
@Timeout(60)
class DtlsLeakRealSocketTest {
  /** Held here: a logger that nobody holds forgets its handlers. */
  private static final Logger LOGGER = Logger.getLogger("dev.tercet.dtls");

  private final Queue<String> warnings = new ConcurrentLinkedQueue<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          if (record.getLevel().equals(Level.WARNING)) {
            warnings.add(String.valueOf(record.getMessage()));
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    LOGGER.setUseParentHandlers(false);
    LOGGER.addHandler(handler);
  }

  @AfterEach
  void stopListening() {
    LOGGER.removeHandler(handler);
    LOGGER.setUseParentHandlers(true);
  }

  private record Left(int port, WeakReference<DtlsEndpoint> endpoint) {}

  /** Leaves an endpoint behind, in the middle of a handshake. */
  private static Left leaveBehind(EventLoop loop) throws IOException, InterruptedException {
    UdpSocket socket = UdpSocket.bind("127.0.0.1", 0, loop.network());
    DtlsEndpoint endpoint = DtlsEndpoint.wrap(socket);
    DtlsChannel channel =
        endpoint.connect(DtlsPlay.address("127.0.0.1", 9), DtlsPlay.NAME, DtlsConfig.DEFAULT);
    boolean unused = CancelScope.moveOnAfter(Duration.ofMillis(20)).run(channel::doHandshake);
    return new Left(DtlsPlay.local(endpoint).getPort(), new WeakReference<>(endpoint));
  }

  private boolean isWarnedOf(int port) {
    return warnings.stream().anyMatch(warning -> warning.contains(":" + port));
  }

  private void awaitWarningOf(int port) throws InterruptedException {
    long deadline = System.nanoTime() + 20_000_000_000L;
    while (!isWarnedOf(port)) {
      assertTrue(System.nanoTime() - deadline < 0, () -> "no warning of " + port + warnings);
      System.gc();
      Thread.sleep(10);
    }
  }

  @Test
  @DisplayName("DTLS-A13 DTLS-K20 one that is dropped and not closed is named in the log")
  void warning() throws Exception {
    try (EventLoop loop = EventLoop.open("leak")) {
      awaitWarningOf(leaveBehind(loop).port());
    }
  }

  @Test
  @DisplayName("DTLS-K23 one whose event loop is gone was closed by that: the collector is silent")
  void loopIsGone() throws Exception {
    Left silent;
    try (EventLoop loop = EventLoop.open("gone")) {
      silent = leaveBehind(loop);
    }
    try (EventLoop loop = EventLoop.open("leak")) {
      // One thread cleans. Had it died of the first, it would not warn of the later ones.
      for (int i = 0; i < 3; i++) {
        awaitWarningOf(leaveBehind(loop).port());
      }
    }
    assertNull(silent.endpoint().get());
    assertTrue(!isWarnedOf(silent.port()), warnings::toString);
  }
}
