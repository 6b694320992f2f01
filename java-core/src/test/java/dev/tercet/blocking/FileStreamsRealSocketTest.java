package dev.tercet.blocking;

import static dev.tercet.blocking.RealSockets.beside;
import static dev.tercet.blocking.RealSockets.bytes;
import static dev.tercet.blocking.RealSockets.eventually;
import static dev.tercet.blocking.RealSockets.inDirectory;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.blocking.RealSockets.Other;
import dev.tercet.blocking.RealSockets.Pair;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Files as streams, and files that are sent. */
@Timeout(120)
class FileStreamsRealSocketTest {
  enum Kind {
    TCP,
    UNIX;

    Pair pair() throws IOException, InterruptedException {
      return this == TCP ? RealSockets.tcp() : RealSockets.unix();
    }
  }

  @BeforeEach
  void before() throws Exception {
    RealSockets.before();
  }

  @AfterEach
  void after() throws Exception {
    RealSockets.after();
  }

  @Test
  @DisplayName("FILE-S1 a file is received to its end, and what is sent to one is in it")
  void streams() throws Exception {
    inDirectory(
        directory -> {
          Path file = directory.resolve("f");
          try (SendStream stream = SendStream.ofFile(file)) {
            stream.sendAll(bytes("one"));
          }
          try (SendStream stream = SendStream.ofFile(file, StandardOpenOption.APPEND)) {
            stream.sendAll(bytes("two"));
          }
          try (ReceiveStream stream = ReceiveStream.ofFile(file)) {
            assertEquals("onetwo", text(stream.receiveSome()));
            assertEquals(0, stream.receiveSome().length);
            Files.writeString(file, "three", StandardOpenOption.APPEND);
            assertEquals(-1, stream.receiveSome(ByteBuffer.allocate(1)));
            assertEquals("ReceiveStream(" + file + ")", stream.toString());
          }
          assertThrows(
              NoSuchFileException.class, () -> ReceiveStream.ofFile(directory.resolve("none")));
          assertEquals(List.of(), openIn(directory));
        });
  }

  @Test
  @DisplayName("FILE-S1 a full disk is Broken with a cause, and stays so; a close is Closed")
  void errors() throws Exception {
    try (SendStream full = SendStream.ofFile(Path.of("/dev/full"), StandardOpenOption.WRITE)) {
      for (int i = 0; i < 2; i++) {
        BrokenResourceException e =
            assertThrows(BrokenResourceException.class, () -> full.sendAll(bytes("x")));
        assertTrue(String.valueOf(e.getCause()).contains("No space left"), e.toString());
      }
      full.closeForcefully();
      assertThrows(ClosedResourceException.class, () -> full.sendAll(bytes("x")));
    }
  }

  @Test
  @DisplayName(
      "FILE-D20 an interrupt leaves a file's stream open: the next call throws, then goes on")
  void interruptedStreams() throws Exception {
    inDirectory(
        directory -> {
          Path file = directory.resolve("f");
          try (SendStream to = SendStream.ofFile(file)) {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, () -> to.sendAll(bytes("x")));
            to.sendAll(bytes("y"));
          }
          try (ReceiveStream from = ReceiveStream.ofFile(file)) {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, () -> from.receiveSome());
            assertEquals("y", text(from.receiveSome()));
          }
        });
  }

  @Test
  @DisplayName("FILE-D24 a close by another thread ends a receive from a FIFO")
  void fifo() throws Exception {
    inDirectory(
        directory -> {
          Path fifo = directory.resolve("fifo");
          assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
          try (FileChannel keeper =
              FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ReceiveStream stream = ReceiveStream.ofFile(fifo);
            AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
            Thread reader =
                new Thread(
                    () -> {
                      try {
                        byte[] unused = stream.receiveSome();
                      } catch (Throwable e) {
                        thrown.set(e);
                      }
                    });
            reader.start();
            // Long enough to get into the read; a test that is too fast is only too kind.
            Thread.sleep(50);
            stream.close();
            reader.join(10_000);
            assertFalse(reader.isAlive());
            assertInstanceOf(ClosedResourceException.class, thrown.get());
            assertTrue(keeper.isOpen());
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("FILE-S2 sendFile sends a file, a part of it, an open one, one whose size is wrong")
  void sends(Kind kind) throws Exception {
    inDirectory(
        directory -> {
          byte[] content = new byte[3_000_000];
          for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i / 3);
          }
          Path file = directory.resolve("f");
          Files.write(file, content);
          ByteArrayOutputStream expected = new ByteArrayOutputStream();
          expected.write(content);
          expected.write(content, 10, 100);
          expected.write(content, 20, 5);
          expected.write(Files.readAllBytes(Path.of("/proc/self/cmdline")));
          expected.write(content, 0, 7);
          expected.write(content, 0, 8);
          try (Pair pair = kind.pair()) {
            SocketStream left = pair.left();
            assertArrayEquals(
                expected.toByteArray(),
                received(
                    pair,
                    () -> {
                      assertEquals(3_000_000, left.sendFile(file));
                      assertEquals(100, left.sendFile(file, 10, 100));
                      assertEquals(0, left.sendFile(file, 5_000_000, 0));
                      try (FileChannel channel = FileChannel.open(file)) {
                        channel.position(7);
                        assertEquals(5, left.sendFile(channel, 20, 5));
                        assertEquals(7, channel.position());
                      }
                      assertTrue(left.sendFile(Path.of("/proc/self/cmdline")) > 0);
                      assertEquals(7, BufferedStream.wrap(left).sendFile(file, 0, 7));
                      assertEquals(8, StapledStream.of(left, left).sendFile(file, 0, 8));
                    }));
            assertEquals(expected.size(), left.bytesSent());
          }
          assertEquals(List.of(), openIn(directory));
        });
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "FILE-S3 a file that ends before the count is an EOFException, and the stream goes on")
  void tooShort(Kind kind) throws Exception {
    inDirectory(
        directory -> {
          Path file = directory.resolve("f");
          Files.writeString(file, "hello");
          try (Pair pair = kind.pair()) {
            SocketStream left = pair.left();
            byte[] all =
                received(
                    pair,
                    () -> {
                      EOFException e =
                          assertThrows(EOFException.class, () -> left.sendFile(file, 1, 10));
                      assertEquals(file + " has ended after 4 of 10 bytes from 1", e.getMessage());
                      IOException isDirectory =
                          assertThrows(IOException.class, () -> left.sendFile(directory));
                      assertTrue(
                          String.valueOf(isDirectory.getMessage()).contains("Is a directory"));
                      assertThrows(
                          IllegalArgumentException.class, () -> left.sendFile(file, -1, 1));
                      assertThrows(
                          IllegalArgumentException.class, () -> left.sendFile(file, 0, -1));
                      assertThrows(
                          IllegalArgumentException.class,
                          () -> left.sendFile(file, 1, Long.MAX_VALUE));
                      left.sendAll(bytes("!"));
                    });
            assertEquals("ello!", text(all));
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("FILE-S4 FILE-D20 an interrupt ends a sendFile, and closes neither file nor stream")
  void interrupted(Kind kind) throws Exception {
    inDirectory(
        directory -> {
          Path file = sparse(directory, 256L << 20);
          try (Pair pair = kind.pair();
              FileChannel channel = FileChannel.open(file)) {
            SocketStream left = pair.left();
            Other byPath = waiting(left, () -> left.sendFile(file));
            assertThrows(BusyResourceException.class, () -> left.sendAll(bytes("x")));
            byPath.interrupt();
            assertInstanceOf(InterruptedException.class, byPath.end());
            Other byChannel = waiting(left, () -> left.sendFile(channel, 0, 256L << 20));
            byChannel.interrupt();
            assertInstanceOf(InterruptedException.class, byChannel.end());
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, () -> left.sendFile(channel, 0, 1));
            assertThrows(
                dev.tercet.TooSlowException.class,
                () ->
                    CancelScope.failAfter(Duration.ofMillis(20))
                        .call(() -> left.sendFile(channel, 0, 256L << 20)));
            assertTrue(channel.isOpen());
            assertEquals(List.of(file), openIn(directory));
            Other reading = other(() -> drain(pair.right()));
            left.sendAll(bytes("still open"));
            left.sendEof();
            assertNull(reading.end());
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("FILE-S4 interrupts at any moment close neither the file nor the socket")
  void interruptedAtAnyMoment(Kind kind) throws Exception {
    inDirectory(
        directory -> {
          Path file = sparse(directory, 1L << 20);
          try (Pair pair = kind.pair();
              FileChannel channel = FileChannel.open(file)) {
            Other reading = other(() -> drain(pair.right()));
            SocketStream left = pair.left();
            AtomicBoolean stop = new AtomicBoolean();
            Other sending =
                other(
                    () -> {
                      while (!stop.get()) {
                        try {
                          left.sendFile(channel, 0, 1L << 20);
                        } catch (InterruptedException e) {
                          // The next one.
                        }
                      }
                    });
            for (int i = 0; i < 200; i++) {
              sending.interrupt();
              Thread.sleep(1);
            }
            stop.set(true);
            assertNull(sending.end());
            assertTrue(channel.isOpen());
            left.sendAll(bytes("open"));
            left.sendEof();
            assertNull(reading.end());
          }
        });
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("FILE-S4 IO-S4 IO-S5 IO-S6 sendFile to a peer that has gone, and on a closed stream")
  void closed(Kind kind) throws Exception {
    inDirectory(
        directory -> {
          Path file = sparse(directory, 256L << 20);
          try (Pair pair = kind.pair()) {
            SocketStream left = pair.left();
            Other sending = waiting(left, () -> left.sendFile(file));
            left.close();
            assertInstanceOf(ClosedResourceException.class, sending.end());
            assertThrows(ClosedResourceException.class, () -> left.sendFile(file));
            Files.write(file, new byte[0]);
            assertThrows(ClosedResourceException.class, () -> left.sendFile(file));
          }
          sparse(directory, 256L << 20);
          try (Pair pair = kind.pair()) {
            SocketStream left = pair.left();
            Other sending =
                waiting(
                    left,
                    () -> {
                      for (int i = 0; i < 3; i++) {
                        left.sendFile(file);
                      }
                    });
            pair.right().close();
            assertInstanceOf(BrokenResourceException.class, sending.end());
            assertThrows(BrokenResourceException.class, () -> left.sendFile(file));
          }
          assertEquals(List.of(), openIn(directory));
        });
  }

  @Test
  @DisplayName("FILE-S2 a stream of a user's gets the file by sendAll, in one buffer")
  void copies() throws Exception {
    inDirectory(
        directory -> {
          Path file = directory.resolve("f");
          byte[] content = new byte[1_000_000];
          Arrays.fill(content, (byte) 7);
          Files.write(file, content);
          ByteArrayOutputStream copy = new ByteArrayOutputStream();
          SendStream stream = SendStream.from(copy);
          assertEquals(1_000_000, stream.sendFile(file));
          assertEquals(10, stream.sendFile(file, 999_990, 10));
          assertThrows(EOFException.class, () -> stream.sendFile(file, 999_990, 11));
          assertEquals(1_000_020, copy.size());
          stream.close();
          Files.write(file, new byte[0]);
          assertThrows(ClosedResourceException.class, () -> stream.sendFile(file));
          assertEquals(List.of(), openIn(directory));
        });
  }

  private interface Sending {
    void run() throws IOException, InterruptedException;
  }

  private static byte[] received(Pair pair, Sending sending)
      throws IOException, InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Other reading = other(() -> all.write(drain(pair.right())));
    sending.run();
    pair.left().sendEof();
    assertNull(reading.end());
    return all.toByteArray();
  }

  private static byte[] drain(SocketStream stream) throws IOException {
    return stream.asInputStream().readAllBytes();
  }

  private static Other other(RealSockets.Body body) {
    try {
      return beside(body);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** In another thread, which has sent all that there is room for. */
  private static Other waiting(SocketStream stream, RealSockets.Body body) {
    Other sending = other(body);
    try {
      eventually(
          "nothing is sent",
          () -> {
            long before = stream.bytesSent();
            Thread.sleep(20);
            return before > 0 && stream.bytesSent() == before;
          });
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return sending;
  }

  private static Path sparse(Path directory, long bytes) throws IOException {
    Path file = directory.resolve("f");
    try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "rw")) {
      opened.setLength(bytes);
    }
    return file;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** What this process has open in a directory. */
  private static List<Path> openIn(Path directory) throws IOException {
    try (var fds = Files.list(Path.of("/proc/self/fd"))) {
      return fds.map(
              fd -> {
                try {
                  return Files.readSymbolicLink(fd);
                } catch (IOException gone) {
                  return fd;
                }
              })
          .filter(path -> path.startsWith(directory))
          .toList();
    }
  }
}
