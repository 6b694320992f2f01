package dev.tercet.internal.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tercet.blocking.ForkedPrograms;
import dev.tercet.loop.EventLoop;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What loops do while the JVM ends. */
@Timeout(60)
class QuickExitRealSocketTest {
  /** Uses the shared loop and one of its own, and looks at them while the JVM shuts down. */
  static final class Program {
    public static void main(String[] args) throws Exception {
      EventLoop own = EventLoop.open("own", 2);
      own.executor().submit(() -> {}).get();
      EventLoop.shared().executor().submit(() -> {}).get();
      EventLoop unused = EventLoop.open("unused");
      EventLoop closed = EventLoop.open("closed");
      closed.close();
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    turns(EventLoop.shared(), 20);
                    turns(own, 20);
                    System.out.println("awake, " + unused.statistics().turns());
                  }));
    }

    /** Returns when a loop that has nothing to do has taken so many turns. */
    private static void turns(EventLoop loop, long more) {
      long goal = loop.statistics().turns() + more;
      long end = System.nanoTime() + 20_000_000_000L;
      while (loop.statistics().turns() < goal) {
        if (System.nanoTime() > end) {
          System.out.println(loop + " sleeps");
        }
        Thread.onSpinWait();
      }
    }
  }

  @Test
  @DisplayName("IO-X6 while the JVM shuts down no loop sleeps for long, and none starts")
  void awake() throws Exception {
    assertEquals("awake, 0", ForkedPrograms.firstLine(Program.class));
  }
}
