package dev.tercet.blocking;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.TooLongException;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class BufferedReceiveStreamTest {
  private static final String TEXT = "one\r\ntwo\nexactly!until--\n\nmore";

  interface Step {
    @Nullable Object run(BufferedReceiveStream stream) throws IOException, InterruptedException;
  }

  private static final List<Step> STEPS =
      List.of(
          stream -> stream.receiveLine(10),
          stream -> stream.receiveLine(10),
          stream -> text(stream.receiveExactly(8)),
          stream -> text(stream.receiveUntil(bytes("--"), 10)),
          stream -> stream.receiveLine(10),
          stream -> stream.receiveLine(10),
          stream -> text(stream.receiveExactly(4)),
          stream -> String.valueOf(stream.receiveLine(10)));

  private static final List<String> RESULTS =
      List.of("one", "two", "exactly!", "until", "", "", "more", "null");

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static BufferedReceiveStream of(String... pieces) {
    return BufferedReceiveStream.wrap(
        new PiecesStream(
            Arrays.stream(pieces).map(BufferedReceiveStreamTest::bytes).toArray(byte[][]::new)));
  }

  @Test
  @DisplayName("IO-B1 IO-B2 IO-C6 items survive every split and an interrupt at every place")
  void everySplitAndInterrupt() throws Exception {
    byte[] all = bytes(TEXT);
    for (int first = 0; first <= all.length; first++) {
      for (int second = first; second <= all.length; second++) {
        List<byte[]> pieces = new ArrayList<>();
        pieces.add(PiecesStream.INTERRUPT);
        for (byte[] piece :
            List.of(
                Arrays.copyOfRange(all, 0, first),
                Arrays.copyOfRange(all, first, second),
                Arrays.copyOfRange(all, second, all.length))) {
          if (piece.length > 0) {
            pieces.add(piece);
            pieces.add(PiecesStream.INTERRUPT);
          }
        }
        BufferedReceiveStream stream =
            BufferedReceiveStream.wrap(new PiecesStream(pieces.toArray(byte[][]::new)));
        List<@Nullable Object> results = new ArrayList<>();
        for (Step step : STEPS) {
          while (true) {
            try {
              results.add(step.run(stream));
              break;
            } catch (InterruptedException e) {
              // Asked again, it must go on with what it had.
            }
          }
        }
        assertEquals(RESULTS, results, "split at " + first + " and " + second);
      }
    }
  }

  @Test
  @DisplayName("IO-R1 receiveSome gives what was received ahead, then asks below, with both forms")
  void receiveSome() throws Exception {
    BufferedReceiveStream stream = of("a\nbcde", "fg", "h");
    assertEquals("a", stream.receiveLine(9));
    assertEquals(4, stream.buffered());
    assertEquals("bc", text(stream.receiveSome(2)));
    ByteBuffer into = ByteBuffer.allocate(9);
    assertEquals(2, stream.receiveSome(into));
    assertEquals("fg", text(stream.receiveSome()));
    assertEquals(1, stream.receiveSome(into));
    assertEquals(-1, stream.receiveSome(into));
    assertEquals(0, stream.receiveSome(5).length);
    assertEquals("deh", text(Arrays.copyOf(into.array(), 3)));
  }

  @Test
  @DisplayName("IO-B4 takeBuffered hands over what was received ahead")
  void takeBuffered() throws Exception {
    BufferedReceiveStream stream = of("a\nbc", "d");
    assertEquals("a", stream.receiveLine(9));
    assertEquals("bc", text(stream.takeBuffered()));
    assertEquals(0, stream.buffered());
    assertEquals("d", text(stream.receiveStream().receiveSome(9)));
  }

  @Test
  @DisplayName("IO-E7 IO-R3 wrong arguments are refused before anything else, even when closed")
  void arguments() throws Exception {
    BufferedReceiveStream stream = of();
    stream.close();
    assertThrows(IllegalArgumentException.class, () -> stream.receiveExactly(-1));
    assertThrows(IllegalArgumentException.class, () -> stream.receiveLine(-1));
    assertThrows(IllegalArgumentException.class, () -> stream.receiveUntil(new byte[0], 1));
    assertThrows(IllegalArgumentException.class, () -> stream.receiveUntil(new byte[1], -1));
    assertThrows(IllegalArgumentException.class, () -> stream.receiveSome(0));
    assertThrows(IllegalArgumentException.class, () -> stream.receiveSome(ByteBuffer.allocate(0)));
  }

  @Test
  @DisplayName("IO-B3 a limit error and an end inside an item keep the bytes")
  void errorsKeepBytes() throws Exception {
    BufferedReceiveStream stream = of("abcdef\ng");
    assertThrows(TooLongException.class, () -> stream.receiveLine(3));
    assertEquals("abcdef", stream.receiveLine(6));
    assertThrows(BrokenResourceException.class, () -> stream.receiveLine(6));
    assertThrows(BrokenResourceException.class, () -> stream.receiveExactly(2));
    assertEquals("g", text(stream.receiveSome()));
    assertNull(stream.receiveLine(6));
  }

  @Test
  @DisplayName("IO-B5 IO-R6 after the close nothing is received, not even what was received ahead")
  void close() throws Exception {
    PiecesStream below = new PiecesStream(bytes("a\nb"));
    BufferedReceiveStream stream = BufferedReceiveStream.wrap(below);
    stream.receiveLine(9);
    stream.close();
    assertTrue(below.closed);
    assertThrows(ClosedResourceException.class, () -> stream.receiveExactly(1));
    assertThrows(ClosedResourceException.class, () -> stream.receiveSome(1));
    assertEquals(0, stream.takeBuffered().length);
  }

  @Test
  @DisplayName("IO-C2 in a cancelled scope, or interrupted, nothing is touched")
  void checkpoints() throws Exception {
    BufferedReceiveStream stream = of("a\nb\n");
    stream.receiveLine(9);
    Thread.currentThread().interrupt();
    assertThrows(InterruptedException.class, () -> stream.receiveLine(9));
    CancelScope scope = CancelScope.open();
    scope.cancel();
    assertTrue(scope.run(() -> stream.receiveLine(9)));
    assertEquals("b", stream.receiveLine(9));
  }

  @Test
  @DisplayName("NUR-X28 IO-R4 the second receiver is told so at once, the first is undisturbed")
  void busy() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    Latch go = new Latch();
    ReceiveStream below =
        new ReceiveStream() {
          @Override
          public int receiveSome(ByteBuffer into) throws InterruptedException {
            inside.countDown();
            Parking.await(go);
            into.put((byte) 'x');
            return 1;
          }

          @Override
          public void close() {}

          @Override
          public void closeForcefully() {}
        };
    BufferedReceiveStream stream = BufferedReceiveStream.wrap(below);
    CompletableFuture<byte[]> first =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return stream.receiveExactly(1);
              } catch (IOException | InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    inside.await();
    assertThrows(BusyResourceException.class, () -> stream.receiveSome(1));
    assertThrows(BusyResourceException.class, stream::takeBuffered);
    go.open();
    assertArrayEquals(bytes("x"), first.get());
  }
}
