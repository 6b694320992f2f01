package dev.tercet.internal.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Logging on a path of failure. */
class LogTest {
  /** Prints as a logging system does, and fails where it is told to. */
  private static final class Printing implements Logger {
    final List<String> lines = new ArrayList<>();
    @Nullable Error failure;

    @Override
    public String getName() {
      return "printing";
    }

    @Override
    public boolean isLoggable(Level level) {
      return true;
    }

    @Override
    public void log(
        Level level, @Nullable ResourceBundle bundle, String text, @Nullable Throwable thrown) {
      if (failure != null) {
        throw failure;
      }
      lines.add(level + " " + text + (thrown == null ? "" : " " + thrown));
    }

    @Override
    public void log(
        Level level, @Nullable ResourceBundle bundle, String format, Object @Nullable ... p) {
      log(level, bundle, format, (Throwable) null);
    }
  }

  /** Cannot be printed, nor can what is made of it. */
  private static final class Unprintable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new StackOverflowError("getMessage");
    }
  }

  private final Printing printing = new Printing();
  private final Log log = Log.to(printing);

  @Test
  @DisplayName("IO-E9 a message is put together of its parts, and no part is a format")
  void parts() {
    log.error(new IllegalStateException("bug"), "loop {0} ", 1, " %d ", null);
    log.warn("'", 2L, "'");
    assertEquals(
        List.of("ERROR loop {0} 1 %d null java.lang.IllegalStateException: bug", "WARNING '2'"),
        printing.lines);
  }

  @Test
  @DisplayName("IO-E9 a logger that throws, an Error too, does not fail who logs")
  void loggerThrows() {
    printing.failure = new NoClassDefFoundError("no descriptor to load it with");
    log.error(new IllegalStateException("bug"), "text");
    log.warning(new IllegalStateException("bug"), "text");
    log.warn("text");
    log.debug("text");
    assertTrue(printing.lines.isEmpty());
  }

  @Test
  @DisplayName("IO-E9 what cannot be printed is named by its class, and the message is logged")
  void unprintable() {
    log.error(new Unprintable(), "a task failed");
    log.warn("it ended: ", new Unprintable());
    String name = Unprintable.class.getName();
    assertEquals(
        List.of(
            "ERROR a task failed: " + name + ", which cannot be printed",
            "WARNING it ended: a " + name),
        printing.lines);
  }
}
