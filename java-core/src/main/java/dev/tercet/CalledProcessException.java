package dev.tercet;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tercet.internal.text.PeerText;
import java.io.IOException;
import java.io.Serial;
import java.util.Arrays;

/**
 * A child process has ended with a status that says failure. The message has the end of what it
 * wrote to standard error, if that was captured (spec PROC-P2).
 */
public final class CalledProcessException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /** How much of standard error the message has, from its end. */
  private static final int TAIL_BYTES = 8192;

  private final transient CompletedProcess process;

  /**
   * Makes one.
   *
   * @param process what has ended, and what was captured of it
   */
  public CalledProcessException(CompletedProcess process) {
    super(process + (process.hasStderr() ? tail(process.stderr()) : ""));
    this.process = process;
  }

  /**
   * The process.
   *
   * @return how it has ended, and what was captured of it
   */
  public CompletedProcess process() {
    return process;
  }

  private static String tail(byte[] stderr) {
    int from = Math.max(0, stderr.length - TAIL_BYTES);
    String text = new String(Arrays.copyOfRange(stderr, from, stderr.length), UTF_8).strip();
    return text.isEmpty() ? "" : "\n" + (from > 0 ? "..." : "") + PeerText.lines(text);
  }
}
