package dev.tercet;

import org.jspecify.annotations.Nullable;

/**
 * How a process has ended.
 *
 * <p>The JDK reports a signal N that ended a process as 128 + N. That cannot be told from a process
 * that has ended itself with this status (spec PROC-P32).
 *
 * @param code 0 for success; 0 to 255 on POSIX systems
 */
public record ExitStatus(int code) {
  private static final int SIGNALLED = 128;

  /**
   * Whether the process says that all went well.
   *
   * @return true for 0
   */
  public boolean isSuccess() {
    return code == 0;
  }

  /**
   * The number of the signal that may have ended the process, as Linux counts.
   *
   * @return 1 to 64, or 0 when it was none
   */
  public int possibleSignalNumber() {
    return code > SIGNALLED && code <= SIGNALLED + 64 ? code - SIGNALLED : 0;
  }

  /**
   * The signal that may have ended the process.
   *
   * @return null when it was none, or one that programs do not send to each other
   */
  public @Nullable PosixSignal possibleSignal() {
    int number = possibleSignalNumber();
    for (PosixSignal signal : PosixSignal.values()) {
      if (number(signal) == number) {
        return signal;
      }
    }
    return null;
  }

  private static int number(PosixSignal signal) {
    return switch (signal) {
      case HUP -> 1;
      case INT -> 2;
      case USR1 -> 10;
      case USR2 -> 12;
      case TERM -> 15;
      case CONT -> 18;
      case TSTP -> 20;
      case WINCH -> 28;
    };
  }

  private static @Nullable String name(int number) {
    return switch (number) {
      case 0 -> null;
      case 3 -> "QUIT";
      case 4 -> "ILL";
      case 6 -> "ABRT";
      case 7 -> "BUS";
      case 8 -> "FPE";
      case 9 -> "KILL";
      case 11 -> "SEGV";
      case 13 -> "PIPE";
      case 14 -> "ALRM";
      default -> String.valueOf(number);
    };
  }

  /** For example {@code exit status 1}, or {@code exit status 143 (signal TERM?)}. */
  @Override
  public String toString() {
    PosixSignal signal = possibleSignal();
    String name = signal == null ? name(possibleSignalNumber()) : signal.name();
    return "exit status " + code + (name == null ? "" : " (signal " + name + "?)");
  }
}
