package dev.tercet.testing.simulation;

import static java.time.Duration.ofMillis;

import dev.tercet.AddressFamily;
import dev.tercet.AddressText;
import dev.tercet.Network;
import dev.tercet.Resolver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A race on a simulated network, and what must come of it, to the millisecond: the scenarios of
 * Trio's tests and those of RFC 8305. Both languages' drivers run each of them.
 *
 * <p>a, b, c, d are IPv4 addresses, A, B, C IPv6 ones. A fate is "a=+100": accepted 100 ms after
 * the start of the attempt; "a=-100": refused then; "a=!": cannot even be begun. What has no fate
 * hangs.
 *
 * @param name starts with the spec ids
 * @param delay between attempts; null for one at a time
 * @param answer of the lookup
 * @param perFamily whether the resolver is asked per family
 * @param fates of the addresses
 * @param starts "a@0 b@250": which attempts began when
 * @param end "won c at 700", "failed at 10300", "unknown at 0"
 */
public record RaceScenario(
    String name,
    @Nullable Duration delay,
    NameAnswer answer,
    boolean perFamily,
    String fates,
    String starts,
    String end) {

  public static final String HOST = "test.example";
  public static final int PORT = 80;

  private static final Map<String, String> LITERALS = new LinkedHashMap<>();

  static {
    LITERALS.put("a", "192.0.2.1");
    LITERALS.put("b", "192.0.2.2");
    LITERALS.put("c", "192.0.2.3");
    LITERALS.put("d", "192.0.2.4");
    LITERALS.put("A", "2001:db8::1");
    LITERALS.put("B", "2001:db8::2");
    LITERALS.put("C", "2001:db8::3");
  }

  private static final Duration DEFAULT = ofMillis(250);

  static NameAnswer names(String letters) {
    return NameAnswer.of(
        letters.chars().mapToObj(c -> LITERALS.get("" + (char) c)).toArray(String[]::new));
  }

  private static RaceScenario of(
      String name,
      @Nullable Duration delay,
      String answer,
      String fates,
      String starts,
      String end) {
    return new RaceScenario(name, delay, names(answer), false, fates, starts, end);
  }

  private static RaceScenario perFamily(
      String name, NameAnswer ipv6, NameAnswer ipv4, String fates, String starts, String end) {
    return new RaceScenario(
        name, DEFAULT, NameAnswer.perFamily(ipv6, ipv4), true, fates, starts, end);
  }

  public static List<RaceScenario> all() {
    NameAnswer none = names("");
    List<RaceScenario> all = new ArrayList<>();
    all.add(of("IO-HE5 quick success", DEFAULT, "a", "a=+123", "a@0", "won a at 123"));
    all.add(of("IO-HE5 slow success", DEFAULT, "a", "a=+100000", "a@0", "won a at 100000"));
    all.add(of("IO-HE12 quick failure", DEFAULT, "a", "a=-123", "a@0", "failed at 123"));
    all.add(of("IO-HE12 slow failure", DEFAULT, "a", "a=-100000", "a@0", "failed at 100000"));
    all.add(
        of(
            "IO-HE5 IO-HE8 fall through",
            DEFAULT,
            "abcd",
            "c=+200",
            "a@0 b@250 c@500",
            "won c at 700"));
    all.add(of("IO-HE8 early success", DEFAULT, "abc", "b=+100", "a@0 b@250", "won b at 350"));
    all.add(
        of(
            "IO-HE6 another delay",
            ofMillis(450),
            "abc",
            "a=+1000",
            "a@0 b@450 c@900",
            "won a at 1000"));
    all.add(
        of(
            "IO-HE6 one at a time",
            null,
            "abc",
            "a=-9000 b=-1 c=+5",
            "a@0 b@9000 c@9001",
            "won c at 9006"));
    all.add(of("IO-HE6 all at once", Duration.ZERO, "abc", "b=+7", "a@0 b@0 c@0", "won b at 7"));
    all.add(
        of(
            "IO-HE5 errors expedite",
            DEFAULT,
            "abcd",
            "a=-100 b=-200 d=+1000",
            "a@0 b@100 c@300 d@550",
            "won d at 1550"));
    all.add(
        of(
            "IO-HE5 an older failure starts nothing",
            DEFAULT,
            "abc",
            "a=-300 c=+1",
            "a@0 b@250 c@500",
            "won c at 501"));
    all.add(
        of(
            "IO-HE11 IO-HE12 all fail",
            DEFAULT,
            "abcd",
            "a=-100 b=-200 c=-10000 d=-250",
            "a@0 b@100 c@300 d@550",
            "failed at 10300"));
    all.add(
        of(
            "IO-HE9 three succeed together",
            DEFAULT,
            "abcd",
            "a=-10000 b=+10250 c=+10000 d=+9750",
            "a@0 b@250 c@500 d@750",
            "won b at 10500"));
    all.add(
        of(
            "IO-HE4 IO-HV4 the other family is second",
            DEFAULT,
            "abAB",
            "b=+1",
            "A@0 a@250 B@500 b@750",
            "won b at 751"));
    all.add(
        of(
            "IO-HE7 unreachable at once",
            DEFAULT,
            "abA",
            "A=! b=+100",
            "a@0 b@250",
            "won b at 350"));
    all.add(of("IO-HE7 nothing but unreachable", DEFAULT, "aA", "A=! a=!", "", "failed at 0"));
    all.add(of("IO-HE8 success as the delay ends", DEFAULT, "ab", "a=+250", "a@0", "won a at 250"));
    all.add(
        of(
            "IO-HE5 failure as the delay ends",
            DEFAULT,
            "abc",
            "a=-250 c=+1",
            "a@0 b@250 c@500",
            "won c at 501"));
    all.add(of("IO-HE3 no addresses", DEFAULT, "", "", "", "unknown at 0"));

    all.add(
        perFamily(
            "IO-HV1 IPv6 first starts at once",
            names("A").after(ofMillis(20)),
            NameAnswer.never(),
            "A=+5",
            "A@20",
            "won A at 25"));
    all.add(
        perFamily(
            "IO-HV1 IPv4 waits 50 ms and goes alone",
            NameAnswer.never(),
            names("ab").after(ofMillis(20)),
            "b=+5",
            "a@70 b@320",
            "won b at 325"));
    all.add(
        perFamily(
            "IO-HV1 IPv6 within the 50 ms goes first",
            names("A").after(ofMillis(69)),
            names("a").after(ofMillis(20)),
            "a=+5",
            "A@69 a@319",
            "won a at 324"));
    all.add(
        perFamily(
            "IO-HV1 IO-HV3 no IPv6 ends the wait",
            none.after(ofMillis(33)),
            names("a").after(ofMillis(20)),
            "a=+5",
            "a@33",
            "won a at 38"));
    all.add(
        perFamily(
            "IO-HV7 IO-HV13 a late IPv4 is next",
            names("AB"),
            names("ab").after(ofMillis(100)),
            "a=+5",
            "A@0 a@250",
            "won a at 255"));
    all.add(
        perFamily(
            "IO-HV7 a late IPv6 goes ahead of the IPv4 left",
            names("AB").after(ofMillis(100)),
            names("ab"),
            "b=+5",
            "a@50 A@300 B@550 b@800",
            "won b at 805"));
    all.add(
        perFamily(
            "IO-HV7 late, when all else has failed",
            names("A"),
            names("a").after(ofMillis(600)),
            "A=-40 a=+5",
            "A@0 a@600",
            "won a at 605"));
    all.add(
        perFamily(
            "IO-HV3 IO-HE12 lost only with the last answer",
            names("A"),
            none.after(ofMillis(600)),
            "A=-40",
            "A@0",
            "failed at 600"));
    all.add(
        perFamily(
            "IO-HV3 neither family",
            none.after(ofMillis(10)),
            none.after(ofMillis(70)),
            "",
            "",
            "unknown at 70"));
    return all;
  }

  /** Tells a network the names and the fates. */
  public Network prepare(SimulatedNetwork network) {
    network.names().set(HOST, answer);
    LITERALS.values().forEach(literal -> network.onConnect(literal, ConnectAnswer.hang()));
    for (String fate : fates.isEmpty() ? new String[0] : fates.split(" ", -1)) {
      String literal = LITERALS.get(fate.substring(0, 1));
      if (literal == null) {
        throw new AssertionError(fate);
      }
      if (fate.charAt(2) == '!') {
        network.setSource(literal, null);
        continue;
      }
      ConnectAnswer end = fate.charAt(2) == '+' ? ConnectAnswer.accept() : ConnectAnswer.refuse();
      network.onConnect(literal, end.after(ofMillis(Long.parseLong(fate.substring(3)))));
    }
    return perFamily ? network.withResolver(new PerFamily(network.names())) : network;
  }

  private record PerFamily(Resolver inner) implements Resolver {
    @Override
    public CompletionStage<List<InetAddress>> lookup(String host, AddressFamily family) {
      return inner.lookup(host, family);
    }

    @Override
    public boolean answersPerFamily() {
      return true;
    }
  }

  /** What the trace says of starts, in the words of {@link #starts}. */
  public static String starts(SimulatedNetwork network) {
    List<String> starts = new ArrayList<>();
    for (NetworkEvent event : network.trace().events(NetworkEvent.Kind.CONNECT)) {
      starts.add(letter(event.detail()) + "@" + event.at().toMillis());
    }
    return String.join(" ", starts);
  }

  /** The letter of an address with a port, as text. */
  public static String letter(String address) {
    for (Map.Entry<String, String> entry : LITERALS.entrySet()) {
      if (AddressText.of(new InetSocketAddress(NameAnswer.ip(entry.getValue()), PORT))
          .equals(address)) {
        return entry.getKey();
      }
    }
    throw new AssertionError(address);
  }

  @Override
  public String toString() {
    return name;
  }
}
