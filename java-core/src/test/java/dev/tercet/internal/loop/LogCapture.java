package dev.tercet.internal.loop;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Catches what is logged, and keeps it from the test's output. The system's logger is
 * java.util.logging's; our module does not read that one, so it is reached by reflection, and by a
 * filter, which is an interface.
 */
final class LogCapture implements AutoCloseable {
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final Object logger;
  private final Method setFilter;

  LogCapture(String name) throws ReflectiveOperationException {
    this(name, false);
  }

  /** One that throws whatever is logged back at who logs it. */
  static LogCapture thatThrows(String name) throws ReflectiveOperationException {
    return new LogCapture(name, true);
  }

  private LogCapture(String name, boolean isBroken) throws ReflectiveOperationException {
    Class<?> loggers = Class.forName("java.util.logging.Logger");
    Class<?> filters = Class.forName("java.util.logging.Filter");
    Class<?> records = Class.forName("java.util.logging.LogRecord");
    Method message = records.getMethod("getMessage");
    Method thrown = records.getMethod("getThrown");
    logger = loggers.getMethod("getLogger", String.class).invoke(null, name);
    setFilter = loggers.getMethod("setFilter", filters);
    Object filter =
        Proxy.newProxyInstance(
            filters.getClassLoader(),
            new Class<?>[] {filters},
            (self, method, arguments) -> {
              lines.add(message.invoke(arguments[0]) + " " + thrown.invoke(arguments[0]));
              if (isBroken) {
                throw new IllegalStateException("a log of the test is broken, on purpose");
              }
              return false;
            });
    setFilter.invoke(logger, filter);
  }

  String text() {
    return String.join("\n", lines);
  }

  int count() {
    return lines.size();
  }

  @Override
  public void close() throws ReflectiveOperationException {
    setFilter.invoke(logger, (Object) null);
  }
}
