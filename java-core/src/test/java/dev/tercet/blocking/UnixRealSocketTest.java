package dev.tercet.blocking;

import static dev.tercet.blocking.RealSockets.beside;
import static dev.tercet.blocking.RealSockets.bytes;
import static dev.tercet.blocking.RealSockets.inDirectory;
import static dev.tercet.blocking.RealSockets.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.blocking.RealSockets.Other;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The blocking Unix sockets. */
@Timeout(60)
class UnixRealSocketTest {
  @BeforeEach
  void before() throws Exception {
    RealSockets.before();
  }

  @AfterEach
  void after() throws Exception {
    RealSockets.after();
  }

  private static SocketListener listen(Path path) throws IOException {
    return Net.openUnixListener(path, ListenOptions.DEFAULT);
  }

  private static void stale(Path path) throws IOException {
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.bind(UnixDomainSocketAddress.of(path));
    }
  }

  @Test
  @DisplayName(
      "IO-U1 IO-U4 IO-U5 IO-SL2 a stale file is replaced, bytes go both ways, the file goes")
  void bothWays() throws Exception {
    inDirectory(
        directory -> {
          Path path = directory.resolve("s");
          stale(path);
          try (SocketListener listener = listen(path);
              SocketStream client = Net.openUnixSocket(path);
              SocketStream server = listener.accept()) {
            client.sendAll(bytes("to"));
            assertEquals("to", text(server));
            server.sendAll(bytes("fro"));
            assertEquals("fro", text(client));
            assertEquals(UnixDomainSocketAddress.of(path), server.localAddress());
            assertEquals(UnixDomainSocketAddress.of(path), client.remoteAddress());
            assertEquals(UnixDomainSocketAddress.of(""), client.localAddress());
            assertThrows(IllegalStateException.class, listener::port);
          }
          assertFalse(Files.exists(path));
        });
  }

  @Test
  @DisplayName("IO-U2 IO-U5 IO-E7 what is no socket is refused and left alone; too long, at once")
  void refused() throws Exception {
    int before = RealSockets.open();
    inDirectory(
        directory -> {
          Path file = Files.writeString(directory.resolve("file"), "precious");
          assertThrows(
              NoSuchFileException.class, () -> Net.openUnixSocket(directory.resolve("none")));
          assertThrows(ConnectException.class, () -> Net.openUnixSocket(file));
          assertThrows(ConnectException.class, () -> Net.openUnixSocket(directory));
          assertThrows(FileAlreadyExistsException.class, () -> listen(file));
          assertThrows(FileSystemException.class, () -> listen(directory));
          assertThrows(
              FileSystemException.class,
              () -> Net.serveUnix(directory, stream -> {}, ServeOptions.DEFAULT));
          assertThrows(
              NoSuchFileException.class, () -> listen(directory.resolve("none").resolve("s")));
          assertEquals("precious", Files.readString(file));
          for (int length : new int[] {107, 200}) {
            Path path = Path.of("/tmp/" + "x".repeat(length - 5));
            assertThrows(IllegalArgumentException.class, () -> Net.openUnixSocket(path));
            assertThrows(IllegalArgumentException.class, () -> listen(path));
          }
          assertThrows(IllegalArgumentException.class, () -> Net.openUnixSocket(Path.of("")));
          try (var files = Files.list(directory)) {
            assertEquals(List.of(file), files.toList());
          }
        });
    assertEquals(before, RealSockets.open());
  }

  @Test
  @DisplayName("IO-U5 a successor's file is not removed, nor one that somebody else has put there")
  void notOurs() throws Exception {
    inDirectory(
        directory -> {
          Path path = directory.resolve("s");
          SocketListener first = listen(path);
          SocketListener second = listen(path);
          first.close();
          try (SocketStream client = Net.openUnixSocket(path);
              SocketStream server = second.accept()) {
            client.sendAll(bytes("x"));
            assertEquals("x", text(server));
          }
          Files.delete(path);
          Files.writeString(path, "somebody's");
          second.close();
          assertEquals("somebody's", Files.readString(path));
        });
  }

  @Test
  @DisplayName("IO-U3 a full backlog is waited out, and the wait can be cut short")
  void fullBacklog() throws Exception {
    inDirectory(
        directory -> {
          Path path = directory.resolve("s");
          try (SocketListener listener =
              Net.openUnixListener(path, ListenOptions.DEFAULT.withBacklog(1))) {
            List<Other> clients = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
              clients.add(
                  besideUnchecked(
                      () -> {
                        try (SocketStream stream = Net.openUnixSocket(path)) {
                          stream.sendAll(bytes("x"));
                          assertEquals("y", text(stream));
                        }
                      }));
            }
            assertTrue(
                CancelScope.moveOnAfter(Duration.ofMillis(50)).run(() -> Net.openUnixSocket(path)));
            Other impatient = besideUnchecked(() -> Net.openUnixSocket(path));
            impatient.interrupt();
            assertInstanceOf(InterruptedException.class, impatient.end());
            for (int i = 0; i < 12; i++) {
              try (SocketStream server = listener.accept()) {
                assertEquals("x", text(server));
                server.sendAll(bytes("y"));
              }
            }
            for (Other client : clients) {
              assertNull(client.end());
            }
          }
        });
  }

  private static Other besideUnchecked(RealSockets.Body body) {
    try {
      return beside(body);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
