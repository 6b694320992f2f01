package dev.tercet.interop;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;

/**
 * Another program that a test talks to. What it prints, on stdout and stderr alike, is kept line by
 * line, and the test waits for lines, never for time. Whatever waits here gives up after a minute.
 */
final class PeerProgram implements Closeable {
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition another = lock.newCondition();
  private final List<String> lines = new ArrayList<>();
  private boolean ended;

  private PeerProgram(Process process) {
    this.process = process;
    Thread reading = new Thread(this::read, "output of " + process.pid());
    reading.setDaemon(true);
    reading.start();
  }

  static PeerProgram start(List<String> command) throws IOException {
    return new PeerProgram(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  static PeerProgram start(List<String> command, String... more) throws IOException {
    return start(plus(command, more));
  }

  static List<String> plus(List<String> command, String... more) {
    List<String> all = new ArrayList<>(command);
    all.addAll(Arrays.asList(more));
    return all;
  }

  private void read() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        add(line);
      }
    } catch (IOException e) {
      add("(" + e + ")");
    }
    add(null);
  }

  private void add(@Nullable String line) {
    lock.lock();
    try {
      if (line == null) {
        ended = true;
      } else {
        lines.add(line);
      }
      another.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for lines.
   *
   * @param count how many lines must have the marker, from the start
   * @return what stands behind the marker in the last of them
   */
  String await(int count, String marker) throws InterruptedException {
    long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    lock.lock();
    try {
      while (true) {
        List<String> found = lines.stream().filter(line -> line.contains(marker)).toList();
        if (found.size() >= count) {
          String line = found.get(count - 1);
          return line.substring(line.indexOf(marker) + marker.length());
        }
        if (ended || left <= 0) {
          throw new AssertionError(
              "no " + count + " lines with '" + marker + "' from " + this + ": " + lines);
        }
        left = another.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  String await(String marker) throws InterruptedException {
    return await(1, marker);
  }

  /** Waits until it has printed all of the bulk, among other things. */
  void awaitBulk() throws InterruptedException {
    List<String> bulk = new String(OurTls.bulk(), StandardCharsets.US_ASCII).lines().toList();
    await(bulk.size(), OurTls.BULK_MARKER);
    Assertions.assertEquals(bulk, linesWith(OurTls.BULK_MARKER));
  }

  /** All that it has printed, once it has ended. */
  List<String> output() throws InterruptedException {
    long left = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    lock.lock();
    try {
      while (!ended) {
        if (left <= 0) {
          throw new AssertionError(this + " does not end: " + lines);
        }
        left = another.awaitNanos(left);
      }
      return List.copyOf(lines);
    } finally {
      lock.unlock();
    }
  }

  long count(String marker) {
    return linesWith(marker).size();
  }

  /** What it has printed so far, as far as there is the marker in it, from there. */
  List<String> linesWith(String marker) {
    lock.lock();
    try {
      return lines.stream()
          .filter(line -> line.contains(marker))
          .map(line -> line.substring(line.indexOf(marker)))
          .toList();
    } finally {
      lock.unlock();
    }
  }

  PeerProgram say(String text) throws IOException {
    process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    return this;
  }

  /** More than pipes hold: from a thread of its own. Its input stays open. */
  PeerProgram sayMeanwhile(byte[] data) {
    OutputStream input = process.getOutputStream();
    Thread saying =
        new Thread(
            () -> {
              try {
                input.write(data);
                input.flush();
              } catch (IOException e) {
                add("(input: " + e + ")");
              }
            },
            "input of " + process.pid());
    saying.setDaemon(true);
    saying.start();
    return this;
  }

  PeerProgram endInput() throws IOException {
    process.getOutputStream().close();
    return this;
  }

  int exitCode() throws InterruptedException {
    output();
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError(this + " does not end");
    }
    return process.exitValue();
  }

  /** With KILL, so that it has no time for a word. */
  void kill() {
    process.destroyForcibly();
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.descendants().toList().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    process.onExit().join();
  }

  @Override
  public String toString() {
    return process.info().command().orElse("process") + " (" + process.pid() + ")";
  }
}
