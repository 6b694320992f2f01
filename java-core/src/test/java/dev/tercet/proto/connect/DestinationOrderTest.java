package dev.tercet.proto.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DestinationOrderTest {
  /** "destination source" each, in the resolver's order; source "-" for none. */
  private static List<Destination> of(String... pairs) {
    List<Destination> list = new ArrayList<>();
    for (String pair : pairs) {
      String[] two = pair.trim().split(" +", 2);
      list.add(
          new Destination(
              ManualRace.ip(two[0]),
              two.length == 1 || two[1].equals("-") ? null : ManualRace.ip(two[1])));
    }
    return list;
  }

  private static List<String> texts(List<Candidate> candidates) {
    return candidates.stream().map(c -> c.address().getHostAddress()).toList();
  }

  private static List<String> rank(int count, String... pairs) {
    return texts(DestinationOrder.rank(of(pairs), count));
  }

  /** RFC 6724 section 10.2; its examples of rules 3 and 4 need what Java cannot see. */
  @ParameterizedTest(name = "{2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "2001:db8:1::1 2001:db8:1::2 | 198.51.100.121 169.254.13.78 | rule 2: its source has the same scope",
        "198.51.100.121 198.51.100.117 | 2001:db8:1::1 fe80::1 | rule 2: its source has the same scope",
        "2001:db8:1::1 2001:db8:1::2 | 10.1.2.3 10.1.2.4 | rule 6: precedence 40 before 35",
        "fe80::1 fe80::2 | 2001:db8:1::1 2001:db8:1::2 | rule 8: link-local before global",
        "2001:db8:1::1 2001:db8:1::2 | 2001:db8:3ffe::1 2001:db8:3f44::2 | rule 9: 64 bits in common with its source, before 40",
        "2002:c633:6401::1 2002:c633:6401::2 | 2001:db8:1::1 2002:c633:6401::2 | rule 5: its source is of the same kind",
        "2001:db8:1::1 2001:db8:1::2 | 2002:c633:6401::1 2002:c633:6401::2 | rule 6: precedence 40 before 30",
        // Not in the RFC.
        "198.51.100.1 198.51.100.2 | 2001:db8::1 - | rule 1: there is a way to it",
        "127.0.0.1 127.0.0.1 | fd00::1 fd00::2 | rule 6: precedence 35 before 3",
        "::1 ::1 | 127.0.0.1 127.0.0.1 | rule 6: precedence 50 before 35",
        "127.0.0.1 127.0.0.1 | 198.51.100.1 198.51.100.2 | rule 8: link-local before global",
        "2001:db8::1 2001:db8::2 | 2001:0:1::1 2001:0:1::2 | rule 6: precedence 40 before 5",
        "2001:db8::1 2001:db8::2 | fec0::1 fec0::2 | rule 6: precedence 40 before 1",
        "2001:db8::1 2001:db8::2 | 3ffe::1 3ffe::2 | rule 6: precedence 40 before 1",
      })
  @DisplayName("IO-HV4 RFC 6724: the better one is first, whatever the resolver says")
  void examples(String better, String worse, String why) {
    String first = of(better).get(0).address().getHostAddress();
    for (List<Candidate> ranked :
        List.of(
            DestinationOrder.rank(of(better, worse), 1),
            DestinationOrder.rank(of(worse, better), 1))) {
      assertEquals(first, ranked.get(0).address().getHostAddress());
      assertEquals(why, ranked.get(0).why());
      assertTrue(ranked.get(1).why().startsWith(why.substring(0, 6)), ranked.get(1).why());
    }
  }

  @Test
  @DisplayName("IO-HV4 rule 10: what no rule tells apart stays in the resolver's order")
  void resolversOrder() {
    String[] pairs = {
      "203.0.113.9 192.0.2.1", "192.0.2.7 192.0.2.1", "198.51.100.3 192.0.2.1", "10.0.0.1 192.0.2.1"
    };
    List<Candidate> ranked = DestinationOrder.rank(of(pairs), 1);
    assertEquals(List.of("203.0.113.9", "192.0.2.7", "198.51.100.3", "10.0.0.1"), texts(ranked));
    ranked.forEach(c -> assertEquals("resolver's order", c.why()));
    assertEquals(
        List.of("2001:db8:0:0:1:0:0:1", "2001:db8:0:0:0:0:0:1"),
        rank(1, "2001:db8::1:0:0:1 2001:db8::2", "2001:db8::1 2001:db8::2"));
  }

  @Test
  @DisplayName("one address needs no rule")
  void oneAddress() {
    assertEquals("the only address", DestinationOrder.rank(of("192.0.2.1 -"), 1).get(0).why());
    assertEquals(List.of(), DestinationOrder.rank(List.of(), 1));
  }

  /** Letters are families, digits are places in the resolver's order; "6" sorts first. */
  @ParameterizedTest
  @CsvSource({
    "6a 6b 6c 4a 4b, 1, 6a 4a 6b 6c 4b",
    "6a 4a 4b, 1, 6a 4a 4b",
    "6a 6b 6c, 1, 6a 6b 6c",
    "4a 4b, 1, 4a 4b",
    "6a, 1, 6a",
    "6a 4a, 1, 6a 4a",
    "6a 6b 4a 4b, 2, 6a 6b 4a 4b",
    "6a 6b 6c 4a 4b, 2, 6a 6b 4a 6c 4b",
    "6a 6b 6c 4a 4b, 9, 6a 6b 6c 4a 4b",
  })
  @DisplayName("IO-HE4 IO-HV5 the first of the other family moves up, and nothing else")
  void mixing(String input, int count, String expected) {
    assertEquals(expected, names(DestinationOrder.rank(of(literals(input)), count)));
  }

  @Test
  @DisplayName("IO-HE4 where IPv4 is better, the first IPv6 address moves up")
  void mixingIpv4First() {
    // IPv6 that leads nowhere goes last, and its first one to place two.
    List<Candidate> ranked =
        DestinationOrder.rank(
            of("2001:db8::a -", "2001:db8::b -", "192.0.2.10 10.0.0.1", "192.0.2.11 10.0.0.1"), 1);
    assertEquals("4a 6a 4b 6b", names(ranked));
    assertEquals("rule 1: there is a way to it", ranked.get(0).why());
    assertEquals("first IPv6 address, moved up from place 3", ranked.get(1).why());
    assertEquals("resolver's order", ranked.get(2).why());
    assertEquals("resolver's order", ranked.get(3).why());
  }

  private static String[] literals(String names) {
    return Arrays.stream(names.split(" ", -1))
        .map(
            name ->
                name.charAt(0) == '6'
                    ? "2001:db8::" + name.charAt(1) + " -"
                    : "192.0.2." + (name.charAt(1) - 'a' + 10) + " -")
        .toArray(String[]::new);
  }

  private static String names(List<Candidate> candidates) {
    StringBuilder names = new StringBuilder();
    for (Candidate candidate : candidates) {
      byte[] bytes = candidate.address().getAddress();
      int last = bytes[bytes.length - 1];
      names.append(names.isEmpty() ? "" : " ").append(bytes.length == 4 ? '4' : '6');
      names.append((char) ('a' + last - 10));
    }
    return names.toString();
  }
}
