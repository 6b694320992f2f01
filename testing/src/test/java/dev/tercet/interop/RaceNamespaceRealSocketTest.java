package dev.tercet.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.interop.Namespace.Answering;
import dev.tercet.support.Needs;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The race against a kernel, on addresses that drop packets, refuse them, or lose the first one.
 * The addresses are global ones: unique local ones are put behind IPv4 by RFC 6724. Times are
 * compared with each other and with limits that a slow machine does not reach: the kernel sends a
 * lost SYN again after one second, and gives up after two minutes.
 */
final class RaceNamespaceRealSocketTest {
  private static final String IPV6 = "2001:db8:7::1";
  private static final String IPV4 = "198.51.100.1";
  private static final String BOTH = IPV6 + "," + IPV4;
  private static final String PROGRAM = "dev.tercet.interop.RaceProgramKt";
  private static final long SLACK_MILLIS = 5;

  private record Attempt(String address, String outcome, long started, long ended) {
    Attempt(String[] words) {
      this(words[1], words[2], Long.parseLong(words[3]), Long.parseLong(words[4]));
    }
  }

  private record Run(List<String> lines) {
    String word(String key) {
      return lines.stream()
          .filter(line -> line.startsWith(key + " "))
          .map(line -> line.substring(key.length() + 1))
          .findFirst()
          .orElseThrow(() -> new AssertionError("no line with " + key + " in " + lines));
    }

    List<Attempt> attempts() {
      return lines.stream()
          .filter(line -> line.startsWith("attempt "))
          .map(line -> new Attempt(line.split(" ", -1)))
          .toList();
    }
  }

  /** All tests share a namespace and a JVM in it: another JVM costs a second of processor time. */
  private static @Nullable Namespace shared;

  private static @Nullable Answering racing;

  private final Namespace namespace = Objects.requireNonNull(shared);

  @BeforeAll
  static void start() throws IOException {
    Needs.noObstacle(Namespace.obstacle());
    Namespace namespace = new Namespace(IPV6, IPV4);
    shared = namespace;
    // Read once, by the JVM; the tests that name their addresses do not ask it.
    namespace.hosts(IPV4 + " both.test\n" + IPV6 + " both.test\n");
    racing = namespace.answering(PROGRAM);
  }

  @AfterAll
  static void stop() throws IOException {
    if (racing != null) {
      racing.close();
    }
    if (shared != null) {
      shared.close();
    }
  }

  @AfterEach
  void noRules() throws IOException {
    namespace.noRules();
  }

  private static Run race(String language, long delayMillis, String listen, String resolve)
      throws IOException {
    return race(language, delayMillis, listen, resolve, 0);
  }

  private static Run race(
      String language, long delayMillis, String listen, String resolve, long moveOnAfterMillis)
      throws IOException {
    return new Run(
        Objects.requireNonNull(racing)
            .ask(
                language,
                Long.toString(delayMillis),
                listen,
                resolve,
                Long.toString(moveOnAfterMillis)));
  }

  private static void assertOrder(@Nullable String expected, Run run) {
    assertEquals(
        expected, String.join(",", run.attempts().stream().map(Attempt::address).toList()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "kotlin"})
  @DisplayName("IO-HE5 HE8 HE14 an address that drops packets costs one delay, and no more SYNs")
  void dropped(String language) throws IOException {
    namespace.rule("ip6 daddr " + IPV6 + " tcp flags syn drop");
    Run run = race(language, 250, BOTH, BOTH);
    assertEquals(IPV4, run.word("winner"));
    assertOrder(BOTH, run);
    Attempt dead = run.attempts().get(0);
    Attempt live = run.attempts().get(1);
    assertEquals("ABANDONED", dead.outcome);
    assertEquals("WON", live.outcome);
    assertTrue(live.started - dead.started >= 250 - SLACK_MILLIS, run.toString());
    assertTrue(live.ended < 20_000, run.toString());
    assertEquals("0", run.word("syn-sent"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "kotlin"})
  @DisplayName("IO-HE5 after an address that refuses there is no waiting")
  void refused(String language) throws IOException {
    Run run = race(language, 600_000, IPV4, BOTH);
    assertEquals(IPV4, run.word("winner"));
    assertOrder(BOTH, run);
    assertEquals("FAILED", run.attempts().get(0).outcome);
    assertEquals("WON", run.attempts().get(1).outcome);
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "kotlin"})
  @DisplayName("IO-HE5 a lost SYN: the other address gets its turn after the delay and wins")
  void firstSynLost(String language) throws IOException {
    // A SYN has about 80 bytes: the quota holds for one of them.
    namespace.rule("ip6 daddr " + IPV6 + " tcp flags syn quota until 100 bytes drop");
    Run run = race(language, 100, BOTH, BOTH);
    assertOrder(BOTH, run);
    assertEquals(IPV4, run.word("winner"));
    assertEquals("ABANDONED", run.attempts().get(0).outcome);
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "kotlin"})
  @DisplayName("IO-HE5 a lost SYN within a long delay: the address wins with its second one")
  void firstSynLostWithinTheDelay(String language) throws IOException {
    namespace.rule("ip6 daddr " + IPV6 + " tcp flags syn quota until 100 bytes drop");
    Run run = race(language, 60_000, BOTH, BOTH);
    assertEquals(IPV6, run.word("winner"));
    assertTrue(run.attempts().get(0).ended >= 900, "the kernel has sent it twice: " + run);
    assertEquals("NOT_STARTED", run.attempts().get(1).outcome);
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "kotlin"})
  @DisplayName("IO-HE14 a race that is cancelled sends nothing more")
  void cancelled(String language) throws IOException {
    namespace.rule("tcp flags syn drop");
    Run run = race(language, 50, BOTH, BOTH, /* moveOnAfterMillis= */ 400);
    assertEquals("none", run.word("winner"));
    assertEquals("0", run.word("syn-sent"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "kotlin"})
  @DisplayName("IO-HE19 HV4 IPv6 goes first by RFC 6724, where the JDK's order has IPv4 first")
  void notTheOrderOfTheJdk(String language) throws IOException {
    Run run = race(language, 60_000, BOTH, "system");
    assertEquals(IPV4 + "," + IPV6, run.word("jdk"));
    assertOrder(BOTH, run);
    assertEquals(IPV6, run.word("winner"));
  }
}
