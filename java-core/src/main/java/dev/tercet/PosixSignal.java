package dev.tercet;

/**
 * A POSIX signal that a program may receive or send to a child process.
 *
 * <p>Which of them a program can receive depends on the JVM, and the receiver's {@code open} checks
 * it: {@link #USR2} belongs to the JVM itself, and Windows has {@link #INT} and {@link #TERM} only
 * (spec SIG-S12, SIG-S17).
 */
public enum PosixSignal {
  /** The terminal is gone; for daemons: read your configuration again. */
  HUP,
  /** Ctrl-C. */
  INT,
  /** Please end. */
  TERM,
  /** For the program's own use. */
  USR1,
  /** For the program's own use, but the JVM's in a JVM: it can be sent and not received. */
  USR2,
  /** The terminal has a new size. */
  WINCH,
  /** Go on after a stop. */
  CONT,
  /** Ctrl-Z. */
  TSTP
}
