package dev.tercet.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tercet.ConnectAttempt;
import dev.tercet.ConnectReport;
import dev.tercet.Network;
import dev.tercet.RankedAddress;
import dev.tercet.Resolver;
import dev.tercet.dial.ConnectOptions;
import dev.tercet.loop.EventLoop;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The race on a network where hosts are dead or lose packets: a network namespace of its own, whose
 * loopback has the addresses, and whose firewall swallows. It needs root and {@code nft}.
 */
@Timeout(120)
class ConnectNamespaceRealSocketTest {
  private static final int PORT = 8080;
  private static final Duration DELAY = Duration.ofMillis(250);

  /** So long that nothing but a failure starts the next attempt, however slow the machine. */
  private static final Duration HOUR = Duration.ofHours(1);

  /** Swallows all connects. */
  private static final String DEAD = "2001:db8::dead";

  /** Swallows the first SYN. */
  private static final String LOSSY = "192.0.2.9";

  private static final String LIVE6 = "2001:db8::1";
  private static final String LIVE = "192.0.2.1";

  /** Nobody listens. */
  private static final String REFUSING = "192.0.2.5";

  private static final String SETUP =
      "ip link set lo up && ip -6 addr add 2001:db8::dead/128 dev lo nodad"
          + " && ip -6 addr add 2001:db8::1/128 dev lo nodad"
          + " && for a in 1 5 9; do ip addr add 192.0.2.$a/32 dev lo; done"
          + " && nft add table inet t"
          + " && nft \"add chain inet t i { type filter hook input priority 0; }\""
          + " && nft add rule inet t i ip6 daddr 2001:db8::dead tcp dport 8080 drop"
          + " && nft \"add rule inet t i ip daddr 192.0.2.9 tcp flags & (syn | ack) == syn"
          + " limit rate 1/hour burst 1 packets drop\"";

  @BeforeAll
  static void needsRoot() throws Exception {
    Process process =
        new ProcessBuilder("unshare", "-n", "bash", "-c", SETUP).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      String skipped = "SKIPPED ConnectNamespaceRealSocketTest: no network namespace: " + said;
      System.out.println(skipped);
      Assumptions.abort(skipped);
    }
  }

  /** Runs all races, and prints a line for each. */
  static final class Races {
    @SuppressWarnings("try") // they only have to be there
    public static void main(String[] args) throws Exception {
      try (ServerSocket six = new ServerSocket(PORT, 50, ip(LIVE6));
          ServerSocket four = new ServerSocket(PORT, 50, ip(LIVE));
          ServerSocket lossy = new ServerSocket(PORT, 50, ip(LOSSY))) {
        race("dead", DELAY, DEAD, LIVE);
        race("refusing", HOUR, REFUSING, LIVE);
        race("lossy", DELAY, LOSSY, DEAD);
        race("healthy", HOUR, LIVE, LIVE6);
        System.out.println("ours " + words(Net.planConnect("hosts.example", PORT)));
        InetAddress[] theirs = InetAddress.getAllByName("hosts.example");
        System.out.println("the JDK's " + Stream.of(theirs).map(Races::text).toList());
      }
    }

    private static InetAddress ip(String literal) throws IOException {
      return InetAddress.getAllByName(literal)[0];
    }

    private static void race(String name, Duration delay, String... literals) throws Exception {
      List<InetAddress> addresses = new ArrayList<>();
      for (String literal : literals) {
        addresses.add(ip(literal));
      }
      List<ConnectReport> reports = new ArrayList<>();
      Network network =
          EventLoop.shared()
              .network()
              .withResolver(Resolver.fixed(Map.of("test.example", addresses)));
      Net.openTcpStream(
              "test.example",
              PORT,
              ConnectOptions.DEFAULT
                  .withNetwork(network)
                  .withHappyEyeballsDelay(delay)
                  .withOnReport(reports::add))
          .close();
      System.out.println(name + " " + words(reports.get(0), delay) + ", SYNs left: " + synSent());
    }

    private static String words(ConnectReport report, Duration delay) {
      StringBuilder words = new StringBuilder();
      Duration before = null;
      for (ConnectAttempt attempt : report.attempts()) {
        words.append(words.isEmpty() ? "" : ", ").append(text(attempt.address().getAddress()));
        words.append(' ').append(attempt.outcome());
        Duration began = attempt.started();
        boolean isPaced = delay.equals(DELAY) && before != null;
        words.append(isPaced && began.minus(before).compareTo(delay) >= 0 ? " late" : "");
        before = began;
      }
      return words.toString();
    }

    private static List<String> words(List<RankedAddress> plan) {
      return plan.stream().map(ranked -> text(ranked.address().getAddress())).toList();
    }

    private static String text(InetAddress address) {
      return address.getHostAddress().replace(":0:0:0:0:0:", "::");
    }

    private static long synSent() throws IOException {
      long count = 0;
      for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
        count +=
            Files.readAllLines(Path.of(table)).stream()
                .filter(line -> line.trim().split(" +", -1)[3].equals("02"))
                .count();
      }
      return count;
    }
  }

  @Test
  @DisplayName(
      "IO-HE5 IO-HE8 IO-HE14 IO-HE19 IO-HV4 dead, refusing and lossy hosts; the JDK's order is not ours")
  void races() throws Exception {
    Path hosts = Files.createTempFile("tercet", ".hosts");
    Files.writeString(hosts, LIVE + " hosts.example\n" + LIVE6 + " hosts.example\n");
    String inNamespace =
        "exec unshare -n bash -c '" + SETUP + " && exec \"$0\" \"$@\"' \"$0\" \"$@\"; ";
    try (Forked forked = new Forked(inNamespace, Races.class, "-Djdk.net.hosts.file=" + hosts);
        BufferedReader output = forked.output()) {
      List<String> expected =
          List.of(
              "dead 2001:db8::dead ABANDONED, 192.0.2.1 WON late, SYNs left: 0",
              "refusing 192.0.2.5 FAILED, 192.0.2.1 WON, SYNs left: 0",
              // IPv6 is better, and dead; the other one's SYN is sent again after a second.
              "lossy 2001:db8::dead ABANDONED, 192.0.2.9 WON late, SYNs left: 0",
              "healthy 2001:db8::1 WON, 192.0.2.1 NOT_STARTED, SYNs left: 0",
              "ours [2001:db8::1, 192.0.2.1]",
              "the JDK's [192.0.2.1, 2001:db8::1]");
      for (String line : expected) {
        assertEquals(line, output.readLine(), forked.log());
      }
    } finally {
      Files.delete(hosts);
    }
  }
}
