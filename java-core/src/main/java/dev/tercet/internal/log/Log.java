package dev.tercet.internal.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/**
 * A logger that never throws.
 *
 * <p><b>The problem.</b> Most messages are written on a path of failure: on an event loop's thread,
 * between a failed task and the next one, while a server is out of descriptors. There a logging
 * call runs code of others: the handlers of the logging system, {@code toString} of an exception.
 * If that throws, the failure of one task becomes the failure of the loop.
 *
 * <p><b>The strategy.</b> Whatever a logging call throws ends here. The parts of a message are put
 * together here too, each guarded. If an exception cannot be printed, the message is logged again
 * with the name of its class.
 *
 * <p>The JDK's logging reads its configuration and the time zones when the first message is
 * printed. Without a free descriptor that fails, now and for ever. So it is done when this class is
 * initialized, and every class that logs holds one of these.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class Log {
  static {
    readConfiguration();
  }

  private final @Nullable Logger logger;

  private Log(@Nullable Logger logger) {
    this.logger = logger;
  }

  /**
   * The logger of a name.
   *
   * @param name of the {@link Logger} behind it
   * @return one that never throws; it is silent when the logging system has none to give
   */
  public static Log of(String name) {
    try {
      return new Log(System.getLogger(name));
    } catch (Throwable e) {
      // A broken LoggerFinder must not keep the classes from loading that hold a logger.
      return new Log(null);
    }
  }

  /** For tests: a logger of theirs. */
  static Log to(Logger logger) {
    return new Log(logger);
  }

  /** Logs a failure with its stack, at ERROR. */
  public void error(Throwable failure, @Nullable Object... parts) {
    log(Level.ERROR, failure, parts);
  }

  /** Logs a failure with its stack, at WARNING. */
  public void warning(Throwable failure, @Nullable Object... parts) {
    log(Level.WARNING, failure, parts);
  }

  /** Logs a message, at WARNING. */
  public void warn(@Nullable Object... parts) {
    log(Level.WARNING, null, parts);
  }

  /** Logs a message, at DEBUG. */
  public void debug(@Nullable Object... parts) {
    log(Level.DEBUG, null, parts);
  }

  private void log(Level level, @Nullable Throwable failure, @Nullable Object[] parts) {
    Logger logger = this.logger;
    if (logger == null) {
      return;
    }
    try {
      if (!logger.isLoggable(level)) {
        return;
      }
      String text = text(parts);
      if (failure == null) {
        logger.log(level, text);
      } else {
        logWithStack(logger, level, text, failure);
      }
    } catch (Throwable unlogged) {
      // There is nobody left who could be told.
    }
  }

  private static void logWithStack(Logger logger, Level level, String text, Throwable failure) {
    try {
      logger.log(level, text, failure);
    } catch (Throwable unprinted) {
      if (!isPrintable(failure)) {
        String name = failure.getClass().getName();
        logger.log(level, text + ": " + name + ", which cannot be printed");
      }
    }
  }

  /** If it is, the logging system is what fails, and would again. */
  private static boolean isPrintable(Throwable failure) {
    try {
      failure.printStackTrace(new PrintWriter(new StringWriter()));
      return true;
    } catch (Throwable e) {
      return false;
    }
  }

  private static String text(@Nullable Object[] parts) {
    StringBuilder text = new StringBuilder();
    for (Object part : parts) {
      String one;
      try {
        one = String.valueOf(part);
      } catch (Throwable e) {
        // Not null: that can be printed.
        one = part == null ? "null" : "a " + part.getClass().getName();
      }
      text.append(one);
    }
    return text.toString();
  }

  private static void readConfiguration() {
    try {
      // Prints nothing. An exception is put into words for the classes that it takes.
      Throwable failure = new IllegalStateException("none", new Throwable());
      failure.addSuppressed(new Throwable());
      failure.printStackTrace(new PrintWriter(new StringWriter()));
      System.getLogger("dev.tercet")
          .log(
              Level.TRACE,
              String.format("time is counted from %tc", Instant.EPOCH.atZone(zone())),
              failure);
    } catch (Throwable e) {
      // Logging does not work here. No message is worth more than what it is about.
    }
  }

  private static ZoneId zone() {
    return ZoneId.systemDefault();
  }
}
