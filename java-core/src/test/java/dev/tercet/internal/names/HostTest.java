package dev.tercet.internal.names;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.AddressText;
import dev.tercet.support.Stress;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostTest {
  private static final NetworkInterface LOOPBACK = loopback();

  private static NetworkInterface loopback() {
    try {
      return NetworkInterface.networkInterfaces()
          .filter(
              each -> {
                try {
                  return each.isLoopback();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              })
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static InetAddress literal(String text) {
    InetAddress address = Host.parse(text).address();
    assertNotNull(address, text);
    return address;
  }

  private static String refusal(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Host.parse(text), text).getMessage();
    assertNotNull(message);
    return message;
  }

  @ParameterizedTest
  @DisplayName("IO-K8 IPv4 is four decimal numbers")
  @ValueSource(strings = {"0.0.0.0", "127.0.0.1", "1.2.3.4", "255.255.255.255", "10.200.30.9"})
  void ipv4(String text) {
    assertInstanceOf(Inet4Address.class, literal(text));
    assertEquals(text, literal(text).getHostAddress());
  }

  @ParameterizedTest
  @DisplayName("IO-K8 what is meant as an address and is none is refused, and says what to write")
  @CsvSource({
    "0177.0.0.1, without leading zeros",
    "010.0.0.1, without leading zeros",
    "1.2.3.04, without leading zeros",
    "127.1, four numbers",
    "1, four numbers",
    "1.2.3, four numbers",
    "1.2.3.4.5, four numbers",
    "4294967295, four numbers",
    "host.example.1, four numbers",
    "1.2.3.4., no dot at its end",
    "1.2.3., four numbers",
    "1.2..4, is missing",
    "1.2.3.256, more than 255",
    "1.2.3.99999999999, more than 255",
    "0x7f.0.0.1, no decimal number",
    "127.0.0.0x1, no decimal number",
    "0x7f000001, four numbers",
    "0x, four numbers",
    "a.0X, four numbers",
    "+1.2.3.4, no decimal number",
    "[::1], without them",
    "[::1, without them",
    "::1], without them",
    "[127.0.0.1], without them",
    "[::1]:80, without them",
    "::1%nosuch, no network interface \"nosuch\"",
    "::1%4294967297, no network interface \"4294967297\"",
    "::1%999999999, no network interface \"999999999\"",
    "::1%, the zone behind % is missing",
    "::ffff:1.2.3.4%1, an IPv4 address has no zone",
    "1::2::3, once only",
    ":::, three colons",
    "::1::, once only",
    ":, is missing",
    ":1, is missing",
    "1:2:3:4:5:6:7:, is missing",
    ":1:2:3:4:5:6:7, is missing",
    "1:2:3:4:5:6:7, has 7",
    "1:2:3:4:5:6:7:8:9, has 9",
    "1:2:3:4::5:6:7:8, has 8 and a gap",
    "::12345, one to four hexadecimal digits",
    "::g, one to four hexadecimal digits",
    "::1.2.3, four numbers",
    "::1.2.3.256, more than 255",
    "::01.2.3.4, without leading zeros",
    "1.2.3.4::, one to four hexadecimal digits",
    "1:2:3:4:5:6:7:1.2.3.4, has 9",
    "localhost:80, the port is an argument of its own",
    "127.0.0.1:80, the port is an argument of its own",
    "http://example, one to four hexadecimal digits"
  })
  void noLiterals(String text, String why) {
    String message = refusal(text);
    assertTrue(message.contains(why), message);
    assertTrue(message.contains("\"" + text + "\""), message);
  }

  @ParameterizedTest
  @DisplayName("IO-K8 IPv6 is the text of RFC 4291, written in the form of RFC 5952")
  @CsvSource({
    "::, ::",
    "::1, ::1",
    "1::, 1::",
    "0:0:0:0:0:0:0:1, ::1",
    "2001:DB8::00a, 2001:db8::a",
    "fe80::1, fe80::1",
    "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0",
    "::2:3:4:5:6:7:8, 0:2:3:4:5:6:7:8",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
    "1:0:0:2:3:0:0:4, 1::2:3:0:0:4",
    "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
    "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304",
    "::1.2.3.4, ::102:304"
  })
  void ipv6(String text, String written) throws IOException {
    InetAddress address = literal(text);
    assertInstanceOf(Inet6Address.class, address);
    assertEquals(InetAddress.getByName(text), address, "as the JDK reads it");
    assertEquals(written, AddressText.of(address));
    assertEquals(address, literal(written));
  }

  @Test
  @DisplayName("IO-K6 an IPv4-mapped address becomes an IPv4 address")
  void mapped() {
    assertEquals(literal("1.2.3.4"), literal("::ffff:1.2.3.4"));
    assertEquals(literal("1.2.3.4"), literal("::FFFF:102:304"));
    assertInstanceOf(Inet4Address.class, literal("::ffff:1.2.3.4"));
  }

  @Test
  @DisplayName("IO-K8 a zone is the name or the number of an interface, and is written back")
  void zones() {
    int index = LOOPBACK.getIndex();
    for (String zone : new String[] {LOOPBACK.getName(), "" + index}) {
      Inet6Address address = assertInstanceOf(Inet6Address.class, literal("fe80::1%" + zone));
      assertEquals(index, address.getScopeId());
      assertEquals(
          index,
          assertInstanceOf(Inet6Address.class, literal(AddressText.of(address))).getScopeId());
    }
  }

  @Test
  @DisplayName("IO-K8 random addresses are read as the JDK reads them, and survive being written")
  void randomAddresses() throws IOException {
    long seed = Stress.seed(HostTest.class, 20261124);
    Random random = new Random(seed);
    for (int i = 0; i < Stress.rounds(2_000, 200_000); i++) {
      byte[] bytes = new byte[random.nextInt(8) == 0 ? 4 : 16];
      random.nextBytes(bytes);
      for (int group = 0; group < bytes.length; group += 2) {
        if (random.nextInt(2) == 0) {
          bytes[group] = 0;
          bytes[group + 1] = 0;
        }
      }
      InetAddress address = InetAddress.getByAddress(bytes);
      String text = AddressText.of(address);
      assertEquals(address, literal(text), () -> "seed " + seed + ": " + text);
      assertEquals(address, InetAddress.getByName(text), () -> "seed " + seed + ": " + text);
      assertEquals(address, literal(address.getHostAddress()), () -> "seed " + seed);
    }
  }

  @ParameterizedTest
  @DisplayName("IO-K7 a name in ASCII passes as it is")
  @ValueSource(
      strings = {
        "localhost",
        "example.com",
        "EXAMPLE.com.",
        "xn--fa-hia.de",
        "_sip._tcp.example",
        "a-.-b",
        "1and1.com",
        "1.2.3.4.example",
        "0x7f.0.0.1.nip.example",
        "0xfg",
        "1x",
        "deadbeef",
        "255.255.255.255a"
      })
  void asciiNames(String name) {
    Host host = Host.parse(name);
    assertNull(host.address());
    assertEquals(name, host.name());
  }

  @ParameterizedTest
  @DisplayName("IO-K7 KIT-N3 other names become A-labels, label by label")
  @CsvSource({
    "föö, xn--f-1gaa",
    "FÖÖ.Example, xn--f-1gaa.Example",
    "bücher.example, xn--bcher-kva.example",
    "日本語。例え．jp, xn--wgv71a119e.xn--r8jz45g.jp",
    "ｅｘａｍｐｌｅ.com, example.com",
    "_föö._tcp, xn--_f-gkaa._tcp",
    "I♥NY.example, xn--iny-zx5a.example"
  })
  void internationalNames(String name, String ascii) {
    assertEquals(ascii, Host.parse(name).name());
  }

  @ParameterizedTest
  @DisplayName(
      "IO-K7 what IDNA 2003 and 2008 map differently is refused, and the error says how to write it")
  @ValueSource(
      strings = {
        "faß.de",
        "βόλος.example",
        "a\u200cb.example",
        "a\u200db.example",
        "\u10a0.example",
        "a\u115fb",
        "\ud87e\udc68"
      })
  void deviations(String name) {
    String message = refusal(name);
    assertTrue(message.contains("IDNA 2003") && message.contains("xn--"), message);
  }

  @ParameterizedTest
  @DisplayName(
      "IO-K7 a mapping that ends in another syntax is refused: numbers, dots, slashes, spaces")
  @ValueSource(
      strings = {
        "\uff11.\uff12.\uff13.\uff14",
        "\uff11\uff12\uff17.1",
        "example.\uff11",
        "0\uff587f",
        "1.2.3.４",
        "a\u2024b",
        "a\u2026",
        "\u2488com",
        "a\u2100b",
        "a\u00a0b",
        "a\u3000b",
        "\u00ad",
        "\u00ad.example",
        "a\uff0fb",
        "a\uff20b",
        "a\uff1ab",
        "\u1e9e.example",
        "\ud83d\ude00.example",
        "\ud800",
        "a\udc00b.example"
      })
  void mappedToSomethingElse(String name) {
    refusal(name);
  }

  @ParameterizedTest
  @DisplayName("IO-K7 what cannot be a name is refused before anybody is asked, and says why")
  @CsvSource({
    "'', empty",
    "' ', blank",
    "'\t\n', blank",
    "'a b', ' '",
    "' a', ' '",
    "'a ', ' '",
    "'a\nb', '\\u000a'",
    "'a\u0000', '\\u0000'",
    "., is empty",
    ".., is empty",
    ".a, is empty",
    "a..b, is empty",
    "a.., is empty",
    "a/b, '/'",
    "a@b, '@'",
    "a%eth0, '%'",
    "*, '*'",
    "<broadcast>, '<'",
    "a\\b, '\\'"
  })
  void noNames(String name, String why) {
    String message = refusal(name);
    assertTrue(message.contains(why), message);
    assertTrue(
        message.chars().noneMatch(Character::isISOControl), "control characters are spelled out");
  }

  @Test
  @DisplayName(
      "IO-K7 a name has at most 253 characters and a label 63, not counting a dot at the end")
  void lengths() {
    String label = "a".repeat(63);
    String longest = label + "." + label + "." + label + "." + "a".repeat(61);
    assertEquals(253, longest.length());
    assertEquals(longest, Host.parse(longest).name());
    assertEquals(longest + ".", Host.parse(longest + ".").name());
    assertTrue(refusal(longest + "a").contains("at most 253 characters, this one has 254"));
    assertTrue(refusal(label + "a.b").contains("longer than 63"));
    String message = refusal("a".repeat(300));
    assertTrue(message.contains("300"), message);
    assertTrue(message.length() < 250, "a long name is not repeated");
    refusal("ö".repeat(300));
    refusal("1.".repeat(150) + "1");
    refusal(":".repeat(300));
  }

  @Test
  @DisplayName(
      "IO-K7 IO-K8 whatever the text, only IllegalArgumentException comes out, and names are ASCII")
  void fuzz() {
    long seed = Stress.seed(HostTest.class, 20261124);
    Random random = new Random(seed);
    String pieces = "019afxXF.::%[]-_ /\u0000\nöß。１４.com:ffffu\ud800\udc00\u200d\u00ad例☃";
    int literals = 0;
    int names = 0;
    for (int i = 0; i < Stress.rounds(20_000, 1_000_000); i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(12); length > 0; length--) {
        text.append(
            switch (random.nextInt(20)) {
              case 0 -> (char) random.nextInt(0x10000);
              case 1 -> new String(Character.toChars(random.nextInt(0x110000)));
              case 2 -> random.nextInt(300);
              default -> pieces.charAt(random.nextInt(pieces.length()));
            });
      }
      try {
        Host host = Host.parse(text.toString());
        if (host.address() != null) {
          literals++;
        } else {
          names++;
          assertTrue(
              host.name().matches("([A-Za-z0-9_-]{1,63}\\.)*[A-Za-z0-9_-]{1,63}\\.?"),
              () -> "seed " + seed + ": " + text + " -> " + host.name());
        }
      } catch (IllegalArgumentException expected) {
        assertTrue(expected.getClass() == IllegalArgumentException.class, expected::toString);
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + text, e);
      }
    }
    assertTrue(literals > 10 && names > 250, literals + " literals, " + names + " names");
  }
}
