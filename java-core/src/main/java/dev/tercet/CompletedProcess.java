package dev.tercet;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A child process that has ended, and what was captured of it. Immutable (spec PROC-P1). */
public final class CompletedProcess {
  private final List<String> command;
  private final ExitStatus status;
  private final byte @Nullable [] stdout;
  private final byte @Nullable [] stderr;

  /**
   * Makes one.
   *
   * @param command the program and its arguments
   * @param status how it has ended
   * @param stdout what was captured of it, not copied; null when it was not
   * @param stderr what was captured of it, not copied; null when it was not
   */
  public CompletedProcess(
      List<String> command, ExitStatus status, byte @Nullable [] stdout, byte @Nullable [] stderr) {
    this.command = List.copyOf(command);
    this.status = status;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /**
   * What was run.
   *
   * @return the program and its arguments
   */
  public List<String> command() {
    return command;
  }

  /**
   * How it has ended.
   *
   * @return its exit status
   */
  public ExitStatus status() {
    return status;
  }

  /**
   * What it wrote to standard output.
   *
   * @return the bytes, not copied
   * @throws IllegalStateException when it was not captured
   */
  public byte[] stdout() {
    return captured(stdout, "standard output");
  }

  /**
   * What it wrote to standard error.
   *
   * @return the bytes, not copied
   * @throws IllegalStateException when it was not captured
   */
  public byte[] stderr() {
    return captured(stderr, "standard error");
  }

  /**
   * What it wrote to standard output, as UTF-8; what is none becomes U+FFFD.
   *
   * @return the text, with its line ends
   * @throws IllegalStateException when it was not captured
   */
  public String stdoutText() {
    return new String(stdout(), UTF_8);
  }

  /**
   * What it wrote to standard error, as UTF-8; what is none becomes U+FFFD.
   *
   * @return the text, with its line ends
   * @throws IllegalStateException when it was not captured
   */
  public String stderrText() {
    return new String(stderr(), UTF_8);
  }

  boolean hasStderr() {
    return stderr != null;
  }

  private static byte[] captured(byte @Nullable [] bytes, String what) {
    if (bytes == null) {
      throw new IllegalStateException(
          "the " + what + " of this process was not captured; ask for ChildOutput.CAPTURE");
    }
    return bytes;
  }

  /** For example {@code git: exit status 1}. */
  @Override
  public String toString() {
    return command.get(0) + ": " + status;
  }
}
