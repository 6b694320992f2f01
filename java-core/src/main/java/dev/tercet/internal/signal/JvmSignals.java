package dev.tercet.internal.signal;

import dev.tercet.PosixSignal;
import dev.tercet.internal.log.Log;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The signals of the JVM, by way of {@code sun.misc.Signal}, the only door there is. It is in the
 * module {@code jdk.unsupported}, which a program's run-time image may lack, so it is looked up by
 * name (spec SIG-S11).
 *
 * <p>What the JVM does on its own: KILL, STOP, QUIT, ILL, FPE and SEGV are refused. USR2 is
 * accepted, though HotSpot suspends threads with it. With {@code -Xrs} it refuses HUP, INT and
 * TERM, and accepts USR1 but never delivers it; so we look for that option and say so (spec
 * SIG-S12). HUP, INT and TERM that the process was started with ignored ({@code nohup}, a shell's
 * background job) stay ignored, without a word. While we hold INT or TERM the shutdown hooks do not
 * run (spec SIG-S14).
 *
 * <p>{@code Signal.raise} refuses a signal whose action is the default one or to be ignored (spec
 * SIG-S15). To redeliver the default action the process sends itself the signal with {@code
 * kill(1)}.
 *
 * <p>One gap is the JVM's own. Between the kernel's delivery and the look-up of the handler by the
 * JVM's dispatcher thread lie some microseconds. If the default action is restored in between, the
 * dispatcher finds no handler and drops the signal. A restored Java handler, and that of INT and
 * TERM is one, gets it.
 */
final class JvmSignals implements SignalSource {
  private static final Log LOG = Log.of("dev.tercet.signal");

  /** What {@code sun.misc.Signal} offers, or why it offers nothing. */
  private final @Nullable Door door;

  private final @Nullable String noDoor;

  JvmSignals() {
    Door door = null;
    String noDoor = null;
    try {
      door = new Door();
      if (hasReducedSignals()) {
        noDoor = "this JVM runs with -Xrs and delivers no signals";
      }
    } catch (ReflectiveOperationException | LinkageError e) {
      noDoor = "this JVM has no sun.misc.Signal; add the module jdk.unsupported to it";
    }
    this.door = door;
    this.noDoor = noDoor;
  }

  @Override
  public void check(PosixSignal signal) {
    if (noDoor != null) {
      throw new UnsupportedOperationException(noDoor);
    }
    if (signal == PosixSignal.USR2) {
      throw new IllegalArgumentException("USR2 is used by the JVM itself");
    }
    door().signal(signal); // unknown to this operating system: Windows has INT and TERM only
  }

  @Override
  public Object newHandler(Runnable onSignal) {
    return door().newHandler(onSignal);
  }

  @Override
  public Object install(PosixSignal signal, Object handler) {
    return door().handle(signal, handler);
  }

  @Override
  public void redeliver(PosixSignal signal, Object handler) {
    Door door = door();
    // By identity: the JVM gives these two as the constants, and equals may be a stranger's code.
    if (handler == door.ignore) {
      return;
    }
    if (handler != door.byDefault) {
      door.raise(signal);
    } else if (signal != PosixSignal.WINCH && signal != PosixSignal.CONT) {
      // The default action of those two is nothing; of all others it ends or stops the process.
      raiseByCommand(signal);
    }
  }

  private static void raiseByCommand(PosixSignal signal) {
    try {
      new ProcessBuilder("kill", "-" + signal, Long.toString(ProcessHandle.current().pid()))
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      LOG.warning(e, "signal ", signal, " came, was not read, and is lost");
    }
  }

  private Door door() {
    if (door == null) {
      throw new UnsupportedOperationException(noDoor);
    }
    return door;
  }

  private static boolean hasReducedSignals() {
    try {
      return ManagementFactory.getRuntimeMXBean().getInputArguments().contains("-Xrs");
    } catch (LinkageError e) {
      // No module java.management. The command line is the next best; it lacks JAVA_TOOL_OPTIONS.
      Optional<String[]> arguments = ProcessHandle.current().info().arguments();
      List<String> options = arguments.map(Arrays::asList).orElse(List.of());
      int main = 0;
      while (main < options.size() && options.get(main).startsWith("-")) {
        main++;
      }
      return options.subList(0, main).contains("-Xrs");
    }
  }

  /** {@code sun.misc.Signal} without its name in our class files, where javac would warn of it. */
  private static final class Door {
    private final Class<?> handlerType;
    private final Constructor<?> newSignal;
    private final Method handle;
    private final Method raise;
    private final Object byDefault;
    private final Object ignore;

    Door() throws ReflectiveOperationException {
      Class<?> signalType = Class.forName("sun.misc.Signal");
      handlerType = Class.forName("sun.misc.SignalHandler");
      newSignal = signalType.getConstructor(String.class);
      handle = signalType.getMethod("handle", signalType, handlerType);
      raise = signalType.getMethod("raise", signalType);
      byDefault = handlerType.getField("SIG_DFL").get(null);
      ignore = handlerType.getField("SIG_IGN").get(null);
    }

    Object newHandler(Runnable onSignal) {
      return Proxy.newProxyInstance(
          handlerType.getClassLoader(),
          new Class<?>[] {handlerType},
          (self, method, arguments) -> {
            switch (method.getName()) {
              case "handle" -> onSignal.run();
              case "equals" -> {
                return self == arguments[0];
              }
              case "hashCode" -> {
                return System.identityHashCode(self);
              }
              default -> {
                return "Tercet's signal handler";
              }
            }
            return null;
          });
    }

    Object signal(PosixSignal signal) {
      try {
        return newSignal.newInstance(signal.name());
      } catch (ReflectiveOperationException e) {
        throw unwrapped(e);
      }
    }

    Object handle(PosixSignal signal, Object handler) {
      try {
        return handle.invoke(null, signal(signal), handler);
      } catch (ReflectiveOperationException e) {
        throw unwrapped(e);
      }
    }

    void raise(PosixSignal signal) {
      try {
        raise.invoke(null, signal(signal));
      } catch (ReflectiveOperationException e) {
        throw unwrapped(e);
      }
    }

    private static RuntimeException unwrapped(ReflectiveOperationException e) {
      if (e instanceof InvocationTargetException
          && e.getCause() instanceof RuntimeException cause) {
        return cause;
      }
      return new IllegalStateException("sun.misc.Signal is not what it was", e);
    }
  }
}
