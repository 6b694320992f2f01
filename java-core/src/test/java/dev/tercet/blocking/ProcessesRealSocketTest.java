package dev.tercet.blocking;

import static dev.tercet.blocking.RealSockets.beside;
import static dev.tercet.blocking.RealSockets.eventually;
import static dev.tercet.blocking.RealSockets.inDirectory;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.CalledProcessException;
import dev.tercet.ChildInput;
import dev.tercet.ChildOutput;
import dev.tercet.CompletedProcess;
import dev.tercet.ExitStatus;
import dev.tercet.PosixSignal;
import dev.tercet.ProcessOptions;
import dev.tercet.TooLongException;
import dev.tercet.blocking.RealSockets.Other;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Child processes of the blocking API, with programs that every POSIX system has. */
@Timeout(120)
class ProcessesRealSocketTest {
  private static final ProcessOptions CAPTURED =
      ProcessOptions.DEFAULT
          .withStdout(ChildOutput.CAPTURE)
          .withStderr(ChildOutput.CAPTURE)
          .withKillAfter(Duration.ofSeconds(30));

  private static final ProcessOptions PIPED =
      ProcessOptions.DEFAULT.withStdin(ChildInput.PIPE).withStdout(ChildOutput.PIPE);

  private int descriptors;

  private static List<String> shell(String script) {
    return List.of("/bin/sh", "-c", script);
  }

  private static Optional<ProcessHandle> alive(long pid) {
    return ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
  }

  private static String message(Throwable e) {
    return String.valueOf(e.getMessage());
  }

  @BeforeEach
  void before() throws Exception {
    Processes.run(List.of("true"));
    descriptors = RealSockets.open("pipe:");
  }

  @AfterEach
  void after() throws Exception {
    eventually(
        "more than " + descriptors + " pipes are open",
        () -> RealSockets.open("pipe:") <= descriptors);
  }

  @Test
  @DisplayName("PROC-P1 PROC-P7 both outputs are captured at once, whichever is filled first")
  void captures() throws Exception {
    String script = "head -c 300000 /dev/zero >&2; echo out; head -c 200000 /dev/zero >&2";
    CompletedProcess done = Processes.run(shell(script), CAPTURED);
    assertEquals("out\n", done.stdoutText());
    assertEquals(500_000, done.stderr().length);
    assertTrue(done.status().isSuccess());
    assertEquals(shell(script), done.command());
  }

  @Test
  @DisplayName("PROC-P7 an output that was not captured is not there")
  void notCaptured() throws Exception {
    CompletedProcess done =
        Processes.run(List.of("true"), ProcessOptions.DEFAULT.withStdout(ChildOutput.DISCARD));
    IllegalStateException e = assertThrows(IllegalStateException.class, done::stdout);
    assertTrue(message(e).contains("ChildOutput.CAPTURE"), message(e));
  }

  @Test
  @DisplayName("PROC-P7 standard error merged into standard output keeps the order of the writes")
  void merges() throws Exception {
    ProcessOptions merged = CAPTURED.withStderr(ChildOutput.MERGE_INTO_STDOUT);
    String text = Processes.run(shell("echo 1; echo 2 >&2; echo 3"), merged).stdoutText();
    assertEquals("1\n2\n3\n", text);
    assertThrows(
        IllegalArgumentException.class,
        () -> ProcessOptions.DEFAULT.withStdout(ChildOutput.MERGE_INTO_STDOUT));
  }

  @Test
  @DisplayName("PROC-P2 a status other than 0 fails, with what was captured and the end of stderr")
  void checks() {
    CalledProcessException e =
        assertThrows(
            CalledProcessException.class,
            () -> Processes.run(shell("echo out; echo no such table >&2; exit 3"), CAPTURED));
    assertEquals(new ExitStatus(3), e.process().status());
    assertEquals("out\n", e.process().stdoutText());
    assertEquals("/bin/sh: exit status 3\nno such table", e.getMessage());
  }

  @Test
  @DisplayName("PROC-P2 a message has the last 8 KiB of stderr, and none of its escapes")
  void tail() {
    CalledProcessException e =
        assertThrows(
            CalledProcessException.class,
            () ->
                Processes.run(
                    shell(
                        "head -c 100000 /dev/zero | tr '\\0' x >&2; printf '\\033[2Jy' >&2; exit 1"),
                    CAPTURED));
    String message = message(e);
    assertTrue(message.length() < 8300, () -> "" + message.length());
    assertTrue(message.endsWith("xx?[2Jy"), message.substring(8200));
  }

  @Test
  @DisplayName("PROC-P3 without the check any status is returned")
  void unchecked() throws Exception {
    assertEquals(
        new ExitStatus(3),
        Processes.run(shell("exit 3"), ProcessOptions.DEFAULT.withCheck(false)).status());
  }

  @Test
  @DisplayName("PROC-P4 the input is empty by default, or bytes, or a file")
  void inputs() throws Exception {
    assertEquals("", Processes.run(List.of("cat"), CAPTURED).stdoutText());
    byte[] large = new byte[1 << 20];
    Arrays.fill(large, (byte) 7);
    assertArrayEquals(
        large, Processes.run(List.of("cat"), CAPTURED.withStdin(ChildInput.bytes(large))).stdout());
    inDirectory(
        directory -> {
          Path in = Files.writeString(directory.resolve("in"), "from a file");
          Path out = directory.resolve("out");
          ProcessOptions files =
              CAPTURED.withStdin(ChildInput.file(in)).withStdout(ChildOutput.file(out));
          Processes.run(List.of("cat"), files);
          Processes.run(List.of("cat"), files.withStdout(ChildOutput.appendTo(out)));
          assertEquals("from a filefrom a file", Files.readString(out));
        });
  }

  @Test
  @DisplayName("PROC-P6 a child that does not read its input is no failure")
  void inputUnread() throws Exception {
    byte[] large = new byte[1 << 20];
    CompletedProcess done =
        Processes.run(shell("exec <&-; echo done"), CAPTURED.withStdin(ChildInput.bytes(large)));
    assertEquals("done\n", done.stdoutText());
  }

  @Test
  @DisplayName("PROC-P8 PIPE needs a process that is opened, CAPTURE and bytes one that is run")
  void refusals() {
    assertThrows(IllegalArgumentException.class, () -> Processes.run(List.of("cat"), PIPED));
    assertThrows(IllegalArgumentException.class, () -> Processes.open(List.of("cat"), CAPTURED));
    assertThrows(
        IllegalArgumentException.class,
        () -> Processes.open(List.of("cat"), PIPED.withStdin(ChildInput.bytes(new byte[0]))));
    assertThrows(IllegalArgumentException.class, () -> Processes.run(List.of()));
    assertThrows(IllegalArgumentException.class, () -> Processes.run(List.of("a\0b")));
    assertThrows(IllegalArgumentException.class, () -> Processes.runPipeline(List.of(), CAPTURED));
  }

  @Test
  @DisplayName("PROC-P12 what cannot be started is the system's error, and leaves nothing")
  void cannotStart() throws Exception {
    IOException missing =
        assertThrows(IOException.class, () -> Processes.run(List.of("/no/such/program")));
    assertFalse(missing instanceof CalledProcessException);
    assertTrue(message(missing).contains("/no/such/program"), message(missing));
    assertThrows(
        IOException.class,
        () -> Processes.run(List.of("/no/such/program"), CAPTURED.withGroup(true)));
    inDirectory(
        directory -> {
          Path program = Files.writeString(directory.resolve("p"), "#!/bin/sh\n");
          assertThrows(IOException.class, () -> Processes.run(List.of(program.toString())));
          ProcessOptions nowhere = CAPTURED.withDirectory(directory.resolve("missing"));
          assertThrows(IOException.class, () -> Processes.run(List.of("true"), nowhere));
          ProcessOptions noInput = CAPTURED.withStdin(ChildInput.file(directory.resolve("no")));
          assertThrows(IOException.class, () -> Processes.run(List.of("cat"), noInput));
        });
    assertEquals(0, ProcessHandle.current().children().count());
  }

  @Test
  @DisplayName("PROC-P7 directory and environment are the child's")
  void surroundings() throws Exception {
    inDirectory(
        directory -> {
          ProcessOptions options =
              CAPTURED
                  .withDirectory(directory)
                  .withEnvironment("TERCET", "yes")
                  .withEnvironment("HOME", null);
          String text =
              Processes.run(shell("pwd; echo $TERCET; echo ${HOME-none}"), options).stdoutText();
          assertEquals(directory.toRealPath() + "\nyes\nnone\n", text);
        });
  }

  @Test
  @DisplayName("PROC-P14 PROC-P15 an interrupt sends TERM, and is thrown when the child has ended")
  void interrupted() throws Exception {
    inDirectory(
        directory -> {
          Path pid = directory.resolve("pid");
          Path log = directory.resolve("log");
          String script =
              "trap 'echo cleaned up >"
                  + log
                  + "; exit 0' TERM; echo $$ >"
                  + pid
                  + ";"
                  + " while :; do sleep 0.05; done";
          try {
            Other run = beside(() -> Processes.run(shell(script), CAPTURED));
            eventually("no pid", () -> Files.exists(pid) && Files.size(pid) > 0);
            run.interrupt();
            assertInstanceOf(InterruptedException.class, run.end());
            assertEquals("cleaned up\n", Files.readString(log));
            assertTrue(alive(Long.parseLong(Files.readString(pid).strip())).isEmpty());
          } catch (InterruptedException | IOException e) {
            throw e;
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  @DisplayName("PROC-P15 a child that ignores TERM gets KILL after the time it was given")
  void killed() throws Exception {
    ProcessOptions impatient = CAPTURED.withKillAfter(Duration.ofMillis(50));
    boolean cut =
        CancelScope.moveOnAfter(Duration.ofMillis(200))
            .run(
                () ->
                    Processes.run(shell("trap '' TERM; while :; do sleep 0.05; done"), impatient));
    assertTrue(cut);
    assertEquals(0, ProcessHandle.current().children().count());
  }

  @Test
  @DisplayName("PROC-P19 PROC-P31 a grandchild that holds the pipe hangs nobody")
  void grandchildHoldsPipe() throws Exception {
    ProcessOptions options = CAPTURED.withDrain(Duration.ofMillis(50));
    CompletedProcess done = Processes.run(shell("sleep 60 & echo $!"), options);
    long grandchild = Long.parseLong(done.stdoutText().strip());
    assertTrue(alive(grandchild).isPresent());
    assertTrue(ProcessHandle.of(grandchild).orElseThrow().destroy());
  }

  @Test
  @DisplayName("PROC-P27 a group of its own ends with its grandchildren, orphans too")
  void group() throws Exception {
    inDirectory(
        directory -> {
          Path pids = directory.resolve("pids");
          // The sleep's own parent has ended: no list of descendants has it.
          String script = "(sleep 60 & echo $! >" + pids + "); sleep 60";
          ProcessOptions grouped = CAPTURED.withGroup(true);
          try {
            Other run = beside(() -> Processes.run(shell(script), grouped));
            eventually("no pid", () -> Files.exists(pids) && Files.size(pids) > 0);
            long orphan = Long.parseLong(Files.readString(pids).strip());
            run.interrupt();
            assertInstanceOf(InterruptedException.class, run.end());
            eventually("the orphan lives", () -> alive(orphan).isEmpty());
          } catch (InterruptedException | IOException e) {
            throw e;
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  @DisplayName("PROC-P1 more output than is captured at most ends the child")
  void tooMuch() {
    TooLongException e =
        assertThrows(
            TooLongException.class,
            () -> Processes.run(List.of("yes"), CAPTURED.withMaxCaptured(100_000)));
    assertEquals(100_000, e.limitBytes());
    assertEquals(0, ProcessHandle.current().children().count());
  }

  @Test
  @DisplayName("PROC-P20 PROC-P28 an opened child is two streams, its end is the stream's end")
  void opened() throws Exception {
    try (ChildProcess child = Processes.open(List.of("cat"), PIPED)) {
      assertTrue(alive(child.pid()).isPresent());
      assertNull(child.status());
      child.stdio().sendAll("ping".getBytes(UTF_8));
      assertEquals("ping", new String(child.stdout().receiveSome(), UTF_8));
      assertThrows(IllegalStateException.class, child::stderr);
      child.stdio().sendEof();
      assertEquals(0, child.stdout().receiveSome().length);
      assertEquals(new ExitStatus(0), child.awaitExit());
      assertEquals(new ExitStatus(0), child.status());
    }
  }

  @Test
  @DisplayName("PROC-P21 many wait for the end, an interrupt of one loses it for none")
  void manyWait() throws Exception {
    try (ChildProcess child = Processes.open(List.of("cat"), PIPED)) {
      Other first = beside(child::awaitExit);
      Other second = beside(child::awaitExit);
      first.interrupt();
      assertInstanceOf(InterruptedException.class, first.end());
      child.stdin().close();
      assertNull(second.end());
      assertEquals(new ExitStatus(0), child.awaitExit());
    }
  }

  @Test
  @DisplayName("PROC-P22 PROC-P23 PROC-P32 signals end a child, and its status says so")
  void signals() throws Exception {
    try (ChildProcess child = Processes.open(List.of("cat"), PIPED)) {
      child.terminate();
      assertEquals(PosixSignal.TERM, child.awaitExit().possibleSignal());
      assertEquals("exit status 143 (signal TERM?)", child.awaitExit().toString());
      child.terminate();
      child.kill();
      child.sendSignal(PosixSignal.USR1);
    }
    try (ChildProcess child = Processes.open(List.of("cat"), PIPED)) {
      // A child inherits what is ignored, and under nohup HUP is.
      child.sendSignal(PosixSignal.USR1);
      assertEquals(PosixSignal.USR1, child.awaitExit().possibleSignal());
    }
    try (ChildProcess child = Processes.open(List.of("cat"), PIPED)) {
      child.kill();
      assertEquals(9, child.awaitExit().possibleSignalNumber());
    }
  }

  @Test
  @DisplayName("PROC-P29 the last words of a child that is asked to end are received")
  void lastWords() throws Exception {
    String script = "trap 'echo cleanup done; exit 7' TERM; echo up; while :; do sleep 0.02; done";
    try (ChildProcess child = Processes.open(shell(script), PIPED)) {
      assertEquals("up\n", new String(child.stdout().receiveSome(), UTF_8));
      child.terminate();
      assertEquals("cleanup done\n", new String(child.stdout().receiveSome(), UTF_8));
      assertEquals(new ExitStatus(7), child.awaitExit());
    }
  }

  @Test
  @DisplayName("PROC-P34 a write after the end of the child is Broken")
  void broken() throws Exception {
    try (ChildProcess child = Processes.open(List.of("true"), PIPED)) {
      assertEquals(new ExitStatus(0), child.awaitExit());
      byte[] large = new byte[1 << 20];
      assertThrows(BrokenResourceException.class, () -> child.stdin().sendAll(large));
      assertThrows(BrokenResourceException.class, () -> child.stdin().sendAll(new byte[1]));
    }
  }

  @Test
  @DisplayName("PROC-P30 a read that is interrupted loses nothing, a clogged write can be left")
  void interruptible() throws Exception {
    try (ChildProcess child = Processes.open(List.of("cat"), PIPED)) {
      Other reader = beside(() -> child.stdout().receiveSome());
      reader.interrupt();
      assertInstanceOf(InterruptedException.class, reader.end());
      child.stdin().sendAll("kept".getBytes(UTF_8));
      assertEquals("kept", new String(child.stdout().receiveSome(), UTF_8));
      Other writer = beside(() -> child.stdin().sendAll(new byte[10 << 20]));
      writer.interrupt();
      assertInstanceOf(InterruptedException.class, writer.end());
    }
  }

  @Test
  @DisplayName(
      "PROC-P1 the processes of a pipeline are joined, and who has had enough ends the rest")
  void pipeline() throws Exception {
    List<List<String>> commands =
        List.of(List.of("printf", "b\\na\\nc\\n"), List.of("sort"), List.of("tr", "a-c", "A-C"));
    List<CompletedProcess> all = Processes.runPipeline(commands, CAPTURED);
    assertEquals("A\nB\nC\n", all.get(2).stdoutText());
    all = Processes.runPipeline(List.of(List.of("yes"), List.of("head", "-n", "1")), CAPTURED);
    assertEquals("y\n", all.get(1).stdoutText());
    assertEquals(141, all.get(0).status().code());
    CalledProcessException e =
        assertThrows(
            CalledProcessException.class,
            () -> Processes.runPipeline(List.of(shell("exit 5"), List.of("cat")), CAPTURED));
    assertEquals(5, e.process().status().code());
  }

  @Test
  @DisplayName(
      "PROC-P30 a process of somebody else's has streams on threads, with the same promises")
  void wrapped() throws Exception {
    try (ChildProcess child = Processes.wrap(new ProcessBuilder("cat").start())) {
      Other reader = beside(() -> child.stdout().receiveSome());
      reader.interrupt();
      assertInstanceOf(InterruptedException.class, reader.end());
      child.stdin().sendAll("kept".getBytes(UTF_8));
      assertEquals("kept", new String(child.stdout().receiveSome(), UTF_8));
      child.stdin().close();
      assertEquals(0, child.stdout().receiveSome().length);
      assertEquals(new ExitStatus(0), child.awaitExit());
    }
  }
}
