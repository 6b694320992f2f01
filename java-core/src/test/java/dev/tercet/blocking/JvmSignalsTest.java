package dev.tercet.blocking;

import static dev.tercet.PosixSignal.USR1;
import static dev.tercet.PosixSignal.USR2;
import static dev.tercet.PosixSignal.WINCH;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.PosixSignal;
import dev.tercet.internal.signal.SignalQueue;
import dev.tercet.internal.signal.SignalRegistry;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import java.io.File;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The real thing, with harmless signals that the process raises on itself. */
@Timeout(60)
@DisabledOnOs(OS.WINDOWS)
class JvmSignalsTest {
  @Test
  @DisplayName("SIG-S11 SIG-S18 real signals arrive")
  void arrive() throws Exception {
    try (SignalReceiver receiver = SignalReceiver.open(USR1, WINCH)) {
      raise(USR1);
      assertEquals(USR1, receiver.receive());
      raise(WINCH);
      assertEquals(WINCH, receiver.receive());
    }
  }

  @Test
  @DisplayName("SIG-S12 USR2, which is the JVM's own, is refused")
  void refused() {
    assertThrows(IllegalArgumentException.class, () -> SignalReceiver.open(USR1, USR2));
  }

  @Test
  @DisplayName(
      "SIG-S6 SIG-S9 SIG-S14 SIG-S15 the previous Java handler is back and gets what was not read")
  void redelivered() throws Exception {
    Latch theirs = new Latch();
    Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
    Object handler =
        Proxy.newProxyInstance(
            handlerType.getClassLoader(),
            new Class<?>[] {handlerType},
            (self, method, arguments) -> {
              theirs.open(); // no other method of it is called
              return null;
            });
    Object before = install(USR1, handler);
    try {
      SignalReceiver watcher = SignalReceiver.open(USR1);
      SignalReceiver receiver = SignalReceiver.open(USR1);
      raise(USR1);
      // It is in both queues at once: when the one has read it, the other one has got it.
      assertEquals(USR1, watcher.receive());
      watcher.close();
      receiver.close();
      assertFalse(theirs.isOpen(), "it was read");
      SignalReceiver unread = SignalReceiver.open(USR1);
      raise(USR1);
      unread.close(); // read by nobody, come or still under way
      CancelScope.failAfter(Duration.ofSeconds(30)).run(() -> Parking.await(theirs));
      assertSame(handler, install(USR1, handler));
    } finally {
      install(USR1, before);
    }
  }

  @Test
  @DisplayName("SIG-S15 an unread signal with no action of its own is dropped")
  void dropped() throws Exception {
    SignalReceiver receiver = SignalReceiver.open(WINCH);
    raise(WINCH);
    receiver.close();
  }

  @Test
  @DisplayName(
      "SIG-S9 SIG-S15 an unread TERM ends the program, an unread USR1 too; a read one does not")
  void otherProcess() throws Exception {
    assertEquals("128+15", endOf("TERM", "unread"));
    assertEquals("128+10", endOf("USR1", "unread"));
    assertEquals("0", endOf("TERM", "read"));
  }

  @Test
  @DisplayName("SIG-S12 with -Xrs open says so, for USR1 too")
  void reducedSignals() throws Exception {
    assertEquals("3", endOf("USR1", "read", "-Xrs"));
    assertEquals("3", endOf("TERM", "read", "-Xrs"));
  }

  private static String endOf(String signal, String what, String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", "target/classes" + File.pathSeparator + "target/test-classes"));
    command.addAll(List.of(Victim.class.getName(), signal, what));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertTrue(process.waitFor(30, TimeUnit.SECONDS), "it goes on");
    } finally {
      process.destroyForcibly();
    }
    int status = process.exitValue();
    return status > 128 ? "128+" + (status - 128) : Integer.toString(status);
  }

  /** A program that receives a signal, and reads it or not. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] arguments) throws Exception {
      PosixSignal signal = PosixSignal.valueOf(arguments[0]);
      SignalQueue queue;
      try {
        queue = SignalRegistry.ofProcess().open(signal);
      } catch (UnsupportedOperationException e) {
        System.exit(3);
        return;
      }
      raise(signal);
      Parking.await(queue); // the signal is there, and nobody has taken it
      if (arguments[1].equals("read")) {
        queue.poll();
        queue.close();
        System.exit(0);
      }
      queue.close();
      Parking.await(new Latch()); // until the signal ends us
    }
  }

  private static void raise(PosixSignal signal) throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Signal");
    type.getMethod("raise", type)
        .invoke(null, type.getConstructor(String.class).newInstance(signal.name()));
  }

  private static Object install(PosixSignal signal, Object handler)
      throws ReflectiveOperationException {
    Class<?> type = Class.forName("sun.misc.Signal");
    return type.getMethod("handle", type, Class.forName("sun.misc.SignalHandler"))
        .invoke(null, type.getConstructor(String.class).newInstance(signal.name()), handler);
  }
}
