package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class JdkAdaptersTest {
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private StapledStream<SendStream, ReceiveStream> stream(String input) {
    return StapledStream.of(
        SendStream.from(sent), ReceiveStream.from(new ByteArrayInputStream(bytes(input))));
  }

  @Test
  @DisplayName("a stream over JDK streams, seen as JDK streams again, copies what it is given")
  void bothWays() throws Exception {
    Stream stream = stream("hello, world");
    InputStream input = stream.asInputStream();
    assertEquals(0, input.read(new byte[0]));
    assertEquals('h', input.read());
    OutputStream output = stream.asOutputStream();
    output.write('h');
    input.transferTo(output);
    assertEquals(-1, input.read());
    assertEquals("hello, world", sent.toString(StandardCharsets.UTF_8));
  }

  @Test
  @DisplayName("direct, read-only and sliced buffers are sent and received into alike")
  void buffers() throws Exception {
    Stream stream = stream("abcdef");
    ByteBuffer direct = ByteBuffer.allocateDirect(3);
    assertEquals(3, stream.receiveSome(direct));
    stream.sendAll(direct.flip());
    assertFalse(direct.hasRemaining());
    ByteBuffer slice = ByteBuffer.allocate(9).position(4).slice().limit(2);
    assertEquals(2, stream.receiveSome(slice));
    stream.sendAll(slice.flip().asReadOnlyBuffer());
    stream.sendAll(stream.receiveSome());
    assertEquals("abcdef", sent.toString(StandardCharsets.UTF_8));
    assertEquals(-1, stream.receiveSome(direct.clear()));
  }

  @Test
  @DisplayName("IO-A4 IO-R6 IO-S6 after a close of ours everything is closed")
  void closed() throws Exception {
    Stream stream = stream("abc");
    stream.close();
    stream.close();
    assertThrows(ClosedResourceException.class, () -> stream.receiveSome(1));
    assertThrows(ClosedResourceException.class, () -> stream.sendAll(new byte[0]));
    assertThrows(ClosedResourceException.class, stream::waitSendAllMightNotBlock);
    assertThrows(IllegalArgumentException.class, () -> stream.receiveSome(ByteBuffer.allocate(0)));
  }

  @Test
  @DisplayName("IO-E2 IO-R8 IO-S4 what a JDK stream throws is the cause of Broken, again and again")
  void broken() {
    IOException dead = new IOException("dead");
    ReceiveStream receive =
        ReceiveStream.from(
            new InputStream() {
              private int calls;

              @Override
              public int read() {
                return -1;
              }

              @Override
              public int read(byte[] into, int offset, int length) throws IOException {
                if (calls++ == 0) {
                  throw dead;
                }
                return -1;
              }
            });
    SendStream send =
        SendStream.from(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw dead;
              }
            });
    for (int i = 0; i < 2; i++) {
      assertSame(
          dead,
          assertThrows(BrokenResourceException.class, () -> receive.receiveSome(1)).getCause());
      assertSame(
          dead,
          assertThrows(BrokenResourceException.class, () -> send.sendAll(new byte[1])).getCause());
    }
  }

  @Test
  @DisplayName("an interrupt becomes InterruptedIOException, the flag is kept and no byte lost")
  void interrupted() throws Exception {
    Stream stream = stream("abc");
    ByteChannel channel = stream.asByteChannel();
    Thread.currentThread().interrupt();
    for (int i = 0; i < 2; i++) {
      assertThrows(InterruptedIOException.class, () -> stream.asInputStream().read());
      assertThrows(InterruptedIOException.class, () -> stream.asOutputStream().write(1));
      assertThrows(InterruptedIOException.class, () -> channel.read(ByteBuffer.allocate(1)));
      assertThrows(InterruptedIOException.class, () -> channel.write(ByteBuffer.allocate(1)));
    }
    assertTrue(Thread.interrupted());
    assertTrue(channel.isOpen());
    assertArrayEquals(bytes("abc"), stream.receiveSome());
    assertEquals(0, sent.size());
  }

  @Test
  @DisplayName("an expired scope becomes InterruptedIOException too, and the scope knows its own")
  void expired() throws Exception {
    Stream stream = stream("abc");
    CancelScope scope = CancelScope.open();
    scope.cancel();
    assertTrue(
        scope.run(
            () -> {
              try {
                stream.asInputStream().read();
              } catch (InterruptedIOException e) {
                assertInstanceOf(CancelledException.class, e.getCause());
                throw e;
              }
            }));
    CancelScope second = CancelScope.open();
    InputStream expiring =
        new FilterInputStream(stream.asInputStream()) {
          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            second.cancel();
            return super.read(into, offset, length);
          }
        };
    second.run(
        () ->
            assertThrows(
                CancelledException.class, () -> ReceiveStream.from(expiring).receiveSome(1)));
    assertFalse(Thread.currentThread().isInterrupted());
    assertArrayEquals(bytes("abc"), stream.receiveSome());
  }

  @Test
  @DisplayName("a JDK stream that can be interrupted ends with InterruptedException, not Broken")
  void interruptible() throws Exception {
    try (PipedOutputStream writer = new PipedOutputStream();
        PipedInputStream reader = new PipedInputStream(writer)) {
      ReceiveStream receive = ReceiveStream.from(reader);
      Thread.currentThread().interrupt();
      assertThrows(InterruptedException.class, () -> receive.receiveSome(1));
      Thread victim = Thread.currentThread();
      Thread interrupter =
          new Thread(
              () -> {
                while (victim.getState() != Thread.State.TIMED_WAITING) {
                  Thread.onSpinWait();
                }
                victim.interrupt();
              });
      interrupter.start();
      assertThrows(InterruptedException.class, () -> receive.receiveSome(1));
      interrupter.join();
      writer.write(7);
      assertArrayEquals(new byte[] {7}, receive.receiveSome(5));
    }
  }

  @Test
  @DisplayName("a byte channel reads, writes, and is closed as the JDK's are")
  void byteChannel() throws Exception {
    Stream stream = stream("abc");
    ByteChannel channel = stream.asByteChannel();
    assertEquals(0, channel.read(ByteBuffer.allocate(0)));
    ByteBuffer buffer = ByteBuffer.allocate(9);
    assertEquals(3, channel.read(buffer));
    assertEquals(-1, channel.read(buffer));
    assertEquals(3, channel.write(buffer.flip()));
    assertEquals("abc", sent.toString(StandardCharsets.UTF_8));
    assertTrue(channel.isOpen());
    channel.close();
    assertFalse(channel.isOpen());
    assertThrows(ClosedChannelException.class, () -> channel.read(buffer));
    Stream closedBelow = stream("abc");
    closedBelow.close();
    ClosedChannelException e =
        assertThrows(
            ClosedChannelException.class,
            () -> closedBelow.asByteChannel().read(ByteBuffer.allocate(1)));
    assertInstanceOf(ClosedResourceException.class, e.getCause());
  }
}
