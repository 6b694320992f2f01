package dev.tercet;

/**
 * A POSIX signal that a program may receive or send to a child process.
 *
 * <p>The JVM limits which of them a program can receive, and the receiver's {@code open} checks it:
 * {@link #USR2} belongs to the JVM itself, and Windows has {@link #INT} and {@link #TERM} only
 * (spec SIG-S12, SIG-S17).
 */
public enum PosixSignal {
  /** The terminal has disconnected; for daemons: reload the configuration. */
  HUP,
  /** Ctrl-C. */
  INT,
  /** A request to terminate. */
  TERM,
  /** For the program's own use. */
  USR1,
  /** For the program's own use, but reserved by the JVM: it can be sent and not received. */
  USR2,
  /** The terminal has a new size. */
  WINCH,
  /** Continue after a stop. */
  CONT,
  /** Ctrl-Z. */
  TSTP
}
