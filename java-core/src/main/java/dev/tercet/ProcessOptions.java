package dev.tercet;

import dev.tercet.internal.text.Durations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How to run a child process; both languages. Immutable.
 *
 * <p>A cancelled or interrupted run ends the child: TERM, and after {@link #withKillAfter} KILL;
 * then it waits until the child has ended (spec PROC-P14, PROC-P15).
 */
public final class ProcessOptions {
  private static final int DEFAULT_MAX_CAPTURED = 64 * 1024 * 1024;

  /**
   * This program's directory, environment and outputs; no input; failure when the status says so; 5
   * s from TERM to KILL.
   */
  public static final ProcessOptions DEFAULT =
      new ProcessOptions(
          null,
          Map.of(),
          ChildInput.EMPTY,
          ChildOutput.INHERIT,
          ChildOutput.INHERIT,
          true,
          Duration.ofSeconds(5),
          Duration.ofSeconds(1),
          DEFAULT_MAX_CAPTURED,
          false);

  private final @Nullable Path directory;
  private final Map<String, @Nullable String> environment;
  private final ChildInput stdin;
  private final ChildOutput stdout;
  private final ChildOutput stderr;
  private final boolean check;
  private final Duration killAfter;
  private final Duration drain;
  private final int maxCaptured;
  private final boolean group;

  private ProcessOptions(
      @Nullable Path directory,
      Map<String, @Nullable String> environment,
      ChildInput stdin,
      ChildOutput stdout,
      ChildOutput stderr,
      boolean check,
      Duration killAfter,
      Duration drain,
      int maxCaptured,
      boolean group) {
    this.directory = directory;
    this.environment = environment;
    this.stdin = stdin;
    this.stdout = stdout;
    this.stderr = stderr;
    this.check = check;
    this.killAfter = killAfter;
    this.drain = drain;
    this.maxCaptured = maxCaptured;
    this.group = group;
  }

  /**
   * Runs the child in a directory.
   *
   * @param directory of the default file system; null for this program's
   * @return a copy
   */
  public ProcessOptions withDirectory(@Nullable Path directory) {
    return new ProcessOptions(
        directory, environment, stdin, stdout, stderr, check, killAfter, drain, maxCaptured, group);
  }

  /**
   * Sets a variable of the child's environment, which is otherwise this program's.
   *
   * @param name not empty, without {@code =}
   * @param value null to remove the variable
   * @return a copy
   */
  public ProcessOptions withEnvironment(String name, @Nullable String value) {
    if (name.isEmpty() || name.indexOf('=') >= 0) {
      throw new IllegalArgumentException("no name of a variable: '" + name + "'");
    }
    Map<String, @Nullable String> more = new LinkedHashMap<>(environment);
    more.put(name, value);
    return new ProcessOptions(
        directory,
        Collections.unmodifiableMap(more),
        stdin,
        stdout,
        stderr,
        check,
        killAfter,
        drain,
        maxCaptured,
        group);
  }

  /**
   * Gives the child its standard input.
   *
   * @param stdin where it comes from
   * @return a copy
   */
  public ProcessOptions withStdin(ChildInput stdin) {
    Objects.requireNonNull(stdin, "stdin");
    return new ProcessOptions(
        directory, environment, stdin, stdout, stderr, check, killAfter, drain, maxCaptured, group);
  }

  /**
   * Says where standard output goes.
   *
   * @param stdout anything but {@link ChildOutput#MERGE_INTO_STDOUT}
   * @return a copy
   * @throws IllegalArgumentException for that
   */
  public ProcessOptions withStdout(ChildOutput stdout) {
    if (stdout.kind() == ChildOutput.Kind.MERGE_INTO_STDOUT) {
      throw new IllegalArgumentException("MERGE_INTO_STDOUT is for standard error");
    }
    return new ProcessOptions(
        directory, environment, stdin, stdout, stderr, check, killAfter, drain, maxCaptured, group);
  }

  /**
   * Says where standard error goes.
   *
   * @param stderr where to
   * @return a copy
   */
  public ProcessOptions withStderr(ChildOutput stderr) {
    Objects.requireNonNull(stderr, "stderr");
    return new ProcessOptions(
        directory, environment, stdin, stdout, stderr, check, killAfter, drain, maxCaptured, group);
  }

  /**
   * Says whether a status other than 0 is a failure, {@link CalledProcessException} (spec PROC-P2,
   * PROC-P3).
   *
   * @param check false to look at the status oneself
   * @return a copy
   */
  public ProcessOptions withCheck(boolean check) {
    return new ProcessOptions(
        directory, environment, stdin, stdout, stderr, check, killAfter, drain, maxCaptured, group);
  }

  /**
   * Says how long a child has from TERM to KILL.
   *
   * @param killAfter zero for KILL at once
   * @return a copy
   * @throws IllegalArgumentException when it is negative
   */
  public ProcessOptions withKillAfter(Duration killAfter) {
    requireNotNegative("killAfter", killAfter);
    return new ProcessOptions(
        directory, environment, stdin, stdout, stderr, check, killAfter, drain, maxCaptured, group);
  }

  /**
   * Says how long output is received after the end of the child, while another process, a
   * grandchild, holds the pipe. Without such a process the end comes at once (spec PROC-P31).
   *
   * @param drain zero for what is there at the end
   * @return a copy
   * @throws IllegalArgumentException when it is negative
   */
  public ProcessOptions withDrain(Duration drain) {
    requireNotNegative("drain", drain);
    return new ProcessOptions(
        directory, environment, stdin, stdout, stderr, check, killAfter, drain, maxCaptured, group);
  }

  /**
   * Limits what is captured of each output. A child that writes more is ended, and the run fails.
   *
   * @param bytes 1 or more; 64 MiB by default
   * @return a copy
   * @throws IllegalArgumentException when it is below 1
   */
  public ProcessOptions withMaxCaptured(int bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("maxCaptured must be at least 1, not " + bytes);
    }
    return new ProcessOptions(
        directory, environment, stdin, stdout, stderr, check, killAfter, drain, bytes, group);
  }

  /**
   * Gives the child a process group of its own, which is signalled as a whole: its children end
   * with it, but Ctrl-C on the terminal reaches neither (spec PROC-P26, PROC-P27). It needs {@code
   * setsid}; without that program the children there are at the time are signalled one by one.
   *
   * @param group true for a group of its own
   * @return a copy
   */
  public ProcessOptions withGroup(boolean group) {
    return new ProcessOptions(
        directory, environment, stdin, stdout, stderr, check, killAfter, drain, maxCaptured, group);
  }

  private static void requireNotNegative(String name, Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(
          name + " must not be negative, but is " + Durations.text(duration));
    }
  }

  /**
   * The directory.
   *
   * @return null for this program's
   */
  public @Nullable Path directory() {
    return directory;
  }

  /**
   * What differs from this program's environment.
   *
   * @return an immutable map; null as a value removes the variable
   */
  public Map<String, @Nullable String> environment() {
    return environment;
  }

  /**
   * The standard input.
   *
   * @return where it comes from
   */
  public ChildInput stdin() {
    return stdin;
  }

  /**
   * The standard output.
   *
   * @return where it goes
   */
  public ChildOutput stdout() {
    return stdout;
  }

  /**
   * The standard error.
   *
   * @return where it goes
   */
  public ChildOutput stderr() {
    return stderr;
  }

  /**
   * Whether a status other than 0 is a failure.
   *
   * @return true by default
   */
  public boolean check() {
    return check;
  }

  /**
   * How long a child has from TERM to KILL.
   *
   * @return 5 s by default
   */
  public Duration killAfter() {
    return killAfter;
  }

  /**
   * How long output is received after the end of the child.
   *
   * @return 1 s by default
   */
  public Duration drain() {
    return drain;
  }

  /**
   * How much is captured of each output.
   *
   * @return in bytes
   */
  public int maxCaptured() {
    return maxCaptured;
  }

  /**
   * Whether the child has a process group of its own.
   *
   * @return false by default
   */
  public boolean group() {
    return group;
  }

  @Override
  public String toString() {
    return "ProcessOptions(stdin=" + stdin + ", stdout=" + stdout + ", stderr=" + stderr + ")";
  }
}
