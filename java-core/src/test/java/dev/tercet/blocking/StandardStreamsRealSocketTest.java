package dev.tercet.blocking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.tercet.BrokenResourceException;
import dev.tercet.internal.process.PipeSink;
import dev.tercet.internal.process.StandardPipes;
import dev.tercet.internal.wait.Parking;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The standard streams of a program, which has to be another one. */
@Timeout(120)
class StandardStreamsRealSocketTest {
  /** Asks with a limit, says when it was over, asks again, and echoes what comes to the end. */
  static final class Asks {
    public static void main(String[] args) throws Exception {
      ReceiveStream in = StandardStreams.input();
      SendStream out = StandardStreams.output();
      for (int i = 0; i < 3; i++) {
        boolean late =
            CancelScope.moveOnAfter(Duration.ofMillis(50)).run(() -> out.sendAll(in.receiveSome()));
        out.sendAll(late ? "late\n".getBytes(UTF_8) : new byte[0]);
      }
      ByteBuffer buffer = ByteBuffer.allocate(100);
      while (in.receiveSome(buffer.clear()) != -1) {
        out.sendAll(buffer.flip());
      }
      StandardStreams.error().sendAll("end\n".getBytes(UTF_8));
    }
  }

  /** Leaves input for whoever comes after it. */
  static final class TakesTwo {
    public static void main(String[] args) throws Exception {
      byte[] two = StandardStreams.input().receiveSome(2);
      StandardStreams.output().sendAll(two);
      StandardStreams.input().closeForcefully();
      StandardStreams.output().sendAll(System.in.readNBytes(2));
    }
  }

  /** Is interrupted while nobody reads its output. */
  static final class Clogged {
    public static void main(String[] args) throws Exception {
      boolean late =
          CancelScope.moveOnAfter(Duration.ofMillis(50))
              .run(() -> StandardStreams.output().sendAll(new byte[10 << 20]));
      StandardStreams.error().sendAll((late ? "late\n" : "sent\n").getBytes(UTF_8));
    }
  }

  /** Waits until nobody reads its output, and says what a send was told. */
  static final class Unread {
    public static void main(String[] args) throws Exception {
      StandardStreams.input().receiveSome(1);
      try {
        StandardStreams.output().sendAll(new byte[1]);
        StandardStreams.error().sendAll("sent\n".getBytes(UTF_8));
      } catch (BrokenResourceException e) {
        StandardStreams.error().sendAll("broken\n".getBytes(UTF_8));
      }
    }
  }

  /**
   * Leaves a send when its bytes are out and before it has looked, as a cancelled coroutine does.
   */
  static final class Leaves {
    public static void main(String[] args) throws Exception {
      PipeSink output = StandardPipes.output();
      output.turn().enter();
      int unused = output.send(ByteBuffer.wrap("left ".getBytes(UTF_8)));
      Parking.await(output.place());
      output.exit();
      StandardStreams.output().sendAll("whole\n".getBytes(UTF_8));
    }
  }

  @Test
  @DisplayName("PROC-P34 a write of standard output that has failed is not counted as sent")
  void unread() throws Exception {
    try (Forked program = new Forked("", Unread.class)) {
      program.process.getInputStream().close();
      program.process.getOutputStream().write(1);
      program.process.getOutputStream().close();
      assertEquals(0, program.process.waitFor());
      assertEquals("broken\n", program.log());
    }
  }

  @Test
  @DisplayName("PROC-P30 who sends after one who was cancelled sends all of its own bytes")
  void afterOneWhoLeft() throws Exception {
    try (Forked program = new Forked("", Leaves.class);
        BufferedReader output = program.output()) {
      assertEquals("left whole", output.readLine());
    }
  }

  @Test
  @DisplayName("FILE-D13 PROC-P30 a read of standard input is taken back, and no byte is lost")
  void takenBack() throws Exception {
    try (Forked program = new Forked("", Asks.class);
        BufferedReader output = program.output()) {
      OutputStream input = program.process.getOutputStream();
      for (int i = 0; i < 3; i++) {
        assertEquals("late", output.readLine());
      }
      for (int i = 0; i < 100; i++) {
        input.write(("line " + i + "\n").getBytes(UTF_8));
        input.flush();
        assertEquals("line " + i, output.readLine());
      }
      input.close();
      assertNull(output.readLine());
      assertEquals(0, program.process.waitFor());
      assertEquals("end\n", program.log());
    }
  }

  @Test
  @DisplayName("FILE-D13 a clogged write of standard output is taken back")
  void clogged() throws Exception {
    try (Forked program = new Forked("", Clogged.class)) {
      assertEquals(0, program.process.waitFor());
      assertEquals("late\n", program.log());
    }
  }

  @Test
  @DisplayName("FILE-D13 standard input may be a file, whose place is kept for others")
  void file() throws Exception {
    Path file = Files.createTempFile("tercet", ".in");
    try {
      Files.writeString(file, "abcd");
      assertEquals("abcd", lineOf("exec <" + file + "; "));
    } finally {
      Files.delete(file);
    }
  }

  private static String lineOf(String prefix) throws IOException {
    try (Forked program = new Forked(prefix, TakesTwo.class);
        BufferedReader output = program.output()) {
      return String.valueOf(output.readLine());
    }
  }
}
