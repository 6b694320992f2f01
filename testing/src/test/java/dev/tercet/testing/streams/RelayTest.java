package dev.tercet.testing.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tercet.BrokenResourceException;
import dev.tercet.RelayReport;
import dev.tercet.RelayReport.Side;
import dev.tercet.blocking.BufferedStream;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import dev.tercet.blocking.StapledStream;
import dev.tercet.blocking.Stream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.certificates.TestCa;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The twin is RelaySpec. */
@Timeout(60)
class RelayTest {
  private static final TestCa CA = TestCa.create();
  private static final TlsServerConfig SERVER = TlsServerConfig.of(CA.issue("server.test"));

  private interface Talk {
    void run() throws IOException, InterruptedException;
  }

  /** Runs a conversation beside a relay, and returns its report. */
  private static @Nullable RelayReport relay(Stream client, Stream server, Talk talk)
      throws IOException, InterruptedException {
    AtomicReference<RelayReport> report = new AtomicReference<>();
    Nursery.run(
        nursery -> {
          nursery.startSoon(() -> report.set(Net.relay(client, server)));
          talk.run();
        });
    return report.get();
  }

  private static byte[] b(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String all(ReceiveStream stream) throws IOException, InterruptedException {
    StringBuilder all = new StringBuilder();
    for (byte[] some = stream.receiveSome(); some.length > 0; some = stream.receiveSome()) {
      all.append(new String(some, StandardCharsets.UTF_8));
    }
    return all.toString();
  }

  @Test
  @DisplayName("IO-H11 both directions are carried, half-closes are handed on, the report counts")
  void bothDirections() throws Exception {
    var left = MemoryStreams.pair();
    var right = MemoryStreams.pair();
    RelayReport report =
        relay(
            left.right(),
            BufferedStream.wrap(right.left()),
            () -> {
              left.left().sendAll(b("question"));
              left.left().sendEof();
              assertEquals("question", all(right.right()));
              right.right().sendAll(b("an answer"));
              right.right().sendEof();
              assertEquals("an answer", all(left.left()));
            });
    assertEquals(new RelayReport(8, 9, Side.CLIENT), report);
  }

  @Test
  @DisplayName("IO-H11 the end of a server, and that of a TLS client, end a relay with TLS 1.2")
  void tls12() throws Exception {
    for (boolean serverEnds : new boolean[] {false, true}) {
      var left = MemoryStreams.pair();
      var right = MemoryStreams.pair();
      TlsConfig config = TlsConfig.DEFAULT.withTrust(CA.trust()).withVersions(TlsVersion.TLS_1_2);
      var client = TlsStream.wrapClient(left.left(), "server.test", config);
      RelayReport report =
          relay(
              TlsStream.wrapServer(left.right(), SERVER),
              right.left(),
              () -> {
                client.sendAll(b("hello"));
                byte[] received = right.right().receiveSome();
                assertEquals("hello", new String(received, StandardCharsets.UTF_8));
                if (serverEnds) {
                  right.right().sendEof();
                } else {
                  client.close();
                }
              });
      assertEquals(
          new RelayReport(5, 0, serverEnds ? Side.SERVER : Side.CLIENT), report, "" + serverEnds);
    }
  }

  @Test
  @DisplayName("IO-H11 a failure of one direction cancels the other and comes out")
  void failure() throws Exception {
    var left = MemoryStreams.pair();
    var right = MemoryStreams.pair();
    BrokenResourceException failure = new BrokenResourceException("on purpose", null);
    SendStream failing =
        new SendStream() {
          @Override
          public void sendAll(ByteBuffer data) throws IOException {
            throw failure;
          }

          @Override
          public void waitSendAllMightNotBlock() {}

          @Override
          public void close() {}

          @Override
          public void closeForcefully() {}
        };
    right.right().sendAll(b("x"));
    Stream client = StapledStream.of(failing, left.right().receiveStream());
    assertSame(
        failure,
        assertThrows(BrokenResourceException.class, () -> Net.relay(client, right.left())));
  }
}
