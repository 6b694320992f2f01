package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import dev.tercet.testing.simulation.Simulation;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.tls.TlsVersion;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files over TLS, memory streams and a simulated network: copied, with the same promises. */
@Timeout(120)
class SendFileTest {
  private final byte[] content = new byte[1_000_000];
  private Path file = Path.of("");

  @BeforeEach
  void makeFile() throws IOException {
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i / 3);
    }
    file = Files.createTempFile("tercet-test", ".bin");
    Files.write(file, content);
  }

  @AfterEach
  void deleteFile() throws IOException {
    Files.delete(file);
  }

  private interface End {
    void send() throws IOException, InterruptedException;
  }

  private void check(SendStream to, ReceiveStream from, End end)
      throws IOException, InterruptedException {
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    Nursery.run(
        nursery -> {
          nursery.startSoon(
              () -> {
                byte[] bytes = from.receiveSome();
                while (bytes.length > 0) {
                  received.writeBytes(bytes);
                  bytes = from.receiveSome();
                }
              });
          assertEquals(content.length, to.sendFile(file));
          assertEquals(10, to.sendFile(file, 5, 10));
          try (FileChannel channel = FileChannel.open(file)) {
            assertThrows(EOFException.class, () -> to.sendFile(channel, 999_990, 20));
            assertTrue(channel.isOpen());
            assertEquals(0, channel.position());
          }
          end.send();
        });
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    expected.write(content);
    expected.write(content, 5, 10);
    expected.write(content, 999_990, 10);
    assertArrayEquals(expected.toByteArray(), received.toByteArray());
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("FILE-S2 FILE-S3 sendFile over TLS")
  void tls(TlsVersion version) throws Exception {
    var pair = TlsPairs.handshaken(MemoryStreams.pair(), version);
    check(pair.left(), pair.right(), pair.left()::close);
  }

  @Test
  @DisplayName("FILE-S2 FILE-S3 sendFile over memory streams")
  void memory() throws Exception {
    var pair = MemoryStreams.pair();
    check(pair.left(), pair.right(), pair.left()::sendEof);
  }

  @Test
  @DisplayName("FILE-S2 FILE-S3 sendFile over a simulated network")
  void simulated() throws Exception {
    Simulation.run(
        1,
        simulation -> {
          var options = ListenOptions.DEFAULT.withHost("192.0.2.1");
          try (var listener = Net.openTcpListeners(0, options).get(0);
              var left = Net.openTcpStream("192.0.2.1", listener.port());
              var right = listener.accept()) {
            check(left, right, left::sendEof);
          }
        });
  }
}
