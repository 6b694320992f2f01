package dev.tercet.internal.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The watchdog is a switch of the whole JVM, so it is tested in JVMs of its own. No socket in it,
 * but real time: that is what the name says.
 */
@Timeout(120)
class LoopWatchdogRealSocketTest {
  @Test
  @DisplayName("loop: the watchdog logs whatever holds a loop, its first task too, with its stack")
  void held() throws Exception {
    String log = run("50", "held");
    assertTrue(log.contains("event loop watched has been held for"), log);
    // A machine that is busy may hold the loop too, at another place.
    assertEquals(1, count(log, "holdTheLoop"), log);
  }

  @Test
  @DisplayName(
      "loop: the watchdog does not mind a loop that is busy with many short tasks, nor one"
          + " that sleeps")
  void busy() throws Exception {
    String log = run("500", "busy");
    assertEquals(0, count(log, "has been held"), log);
  }

  @Test
  @DisplayName("loop: without the switch nothing is watched")
  void off() throws Exception {
    assertEquals("ended", run("false", "held").strip());
  }

  private static int count(String text, String part) {
    return text.split(part, -1).length - 1;
  }

  private static String run(String setting, String program) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Ddev.tercet.loop.watchdog=" + setting,
                "-XX:TieredStopAtLevel=1",
                "-cp",
                folder(SelectorLoop.class) + File.pathSeparator + folder(Program.class),
                Program.class.getName(),
                program)
            .redirectErrorStream(true)
            .start();
    try {
      process.getOutputStream().close();
      String log = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertTrue(log.contains("ended"), log);
      return log;
    } finally {
      process.destroyForcibly();
    }
  }

  /** On the module path both live in one module, whose code is in the one or the other folder. */
  private static String folder(Class<?> type) throws URISyntaxException {
    String name = "/" + type.getName().replace('.', '/') + ".class";
    String url = String.valueOf(type.getResource(name));
    return Path.of(java.net.URI.create(url.substring(0, url.length() - name.length() + 1)))
        .toString();
  }

  /** What runs in the other JVM. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) throws Exception {
      LoopGroup group = LoopGroup.open("watched", 1);
      LoopExecutor executor = new LoopExecutor(group.next());
      if (arguments[0].equals("held")) {
        // The very first task of the loop.
        executor.submit(() -> holdTheLoop(400)).get();
      } else {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1200);
        CountDownLatch done = new CountDownLatch(1);
        executor.execute(
            new Runnable() {
              @Override
              public void run() {
                if (System.nanoTime() < end) {
                  executor.execute(this);
                } else {
                  done.countDown();
                }
              }
            });
        done.await();
        executor.schedule(() -> {}, 600, TimeUnit.MILLISECONDS).get();
      }
      group.close();
      System.out.println("ended");
    }

    private static void holdTheLoop(int millis) {
      try {
        Thread.sleep(millis);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
