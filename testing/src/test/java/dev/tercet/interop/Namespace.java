package dev.tercet.interop;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A network namespace of the test's own, whose loopback interface is up and has the addresses that
 * the test wants. What is done to the network in there touches nobody else. JVMs can be run in it.
 */
final class Namespace implements Closeable {
  private static final AtomicInteger COUNT = new AtomicInteger();
  private static final long PATIENCE_SECONDS = 120;

  private final String name =
      "tercet-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet();
  private final Path etc = Path.of("/etc/netns", name);

  Namespace(String... addresses) throws IOException {
    call("ip", "netns", "add", name);
    try {
      run("ip", "link", "set", "lo", "up");
      for (String address : addresses) {
        if (address.indexOf(':') >= 0) {
          run("ip", "addr", "add", address + "/128", "dev", "lo", "nodad");
        } else {
          run("ip", "addr", "add", address + "/32", "dev", "lo");
        }
      }
      run("nft", "add", "table", "inet", "tercet");
      run("nft", "add chain inet tercet input { type filter hook input priority 0; }");
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * What keeps this machine from making one.
   *
   * @return null when it can
   */
  static @Nullable String obstacle() {
    try (Namespace probe = new Namespace()) {
      probe.run("true");
      return null;
    } catch (IOException e) {
      return "no network namespace can be made here: " + e.getMessage();
    }
  }

  /** What the kernel does with packets that arrive, in the words of nftables. */
  void rule(String rule) throws IOException {
    run("nft", "add rule inet tercet input " + rule);
  }

  /** Takes all rules back. */
  void noRules() throws IOException {
    run("nft", "flush", "chain", "inet", "tercet", "input");
  }

  /**
   * A link besides the loopback one, which knows no IPv6 multicast: a pair of virtual Ethernet
   * devices, of which this one gets an address.
   */
  void link(String device, String address) throws IOException {
    String other = device + "-peer";
    run("ip", "link", "add", device, "type", "veth", "peer", "name", other);
    run("ip", "link", "set", other, "up");
    run("ip", "link", "set", device, "up");
    run("ip", "addr", "add", address + "/64", "dev", device, "nodad");
  }

  /**
   * Lets no more than so much through the loopback interface, say 256kbit: packets queue, and are
   * counted against the buffer of the socket that has sent them, which on a loopback interface as
   * it is never fills.
   */
  void slow(String rate) throws IOException {
    run(
        "tc", "qdisc", "add", "dev", "lo", "root", "tbf", "rate", rate, "burst", "3000", "limit",
        "200000");
  }

  /** What {@code /etc/hosts} says in here. */
  void hosts(String text) throws IOException {
    Files.createDirectories(etc);
    Files.writeString(etc.resolve("hosts"), text);
  }

  private void run(String... command) throws IOException {
    call(inside(List.of(command)).toArray(String[]::new));
  }

  /** Runs a main class of the tests in here and returns what it has printed, line by line. */
  List<String> java(String main, String... arguments) throws IOException {
    return call(javaCommand(main, arguments)).lines().toList();
  }

  /** Starts a main class that answers questions, in here, until it is closed. */
  Answering answering(String main) throws IOException {
    return new Answering(new ProcessBuilder(javaCommand(main)).redirectErrorStream(true).start());
  }

  private String[] javaCommand(String main, String... arguments) {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classPath, main));
    command.addAll(List.of(arguments));
    return inside(command).toArray(String[]::new);
  }

  /** A JVM that reads one question a line, and ends each answer with a line of its own. */
  static final class Answering implements Closeable {
    /** After the last line of each answer. */
    static final String END = "end of the answer";

    private final Process process;
    private final BufferedReader output;

    private Answering(Process process) {
      this.process = process;
      this.output =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** The lines of the answer; an exception with all of them when it ends or hangs meanwhile. */
    List<String> ask(String... question) throws IOException {
      CompletableFuture<Void> patience =
          CompletableFuture.runAsync(
              process::destroyForcibly,
              CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS));
      List<String> answer = new ArrayList<>();
      try {
        OutputStream input = process.getOutputStream();
        input.write((String.join(" ", question) + "\n").getBytes(StandardCharsets.UTF_8));
        input.flush();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
          if (line.equals(END)) {
            return answer;
          }
          answer.add(line);
        }
      } finally {
        patience.cancel(false);
      }
      throw new IOException(String.join(" ", question) + " was not answered to its end: " + answer);
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  private List<String> inside(List<String> command) {
    List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name));
    all.addAll(command);
    return all;
  }

  /** What it has printed; an exception with all of that when it fails or does not end. */
  private static String call(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      CompletableFuture<String> output =
          CompletableFuture.supplyAsync(() -> text(process.getInputStream()));
      boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (!ended || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException(
            String.join(" ", command)
                + (ended ? " ended with " + process.exitValue() : " did not end")
                + ": "
                + output.join());
      }
      return output.join();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IOException("interrupted", e);
    }
  }

  private static String text(InputStream stream) {
    try {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(etc.resolve("hosts"));
    Files.deleteIfExists(etc);
    call("ip", "netns", "del", name);
  }
}
