package dev.tercet.internal.names;

import java.net.IDN;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/*
 * Host names as a resolver gets them: ASCII.
 *
 * The problem. "faß.de" is fass.de to IDNA 2003, which is all that java.net.IDN knows, and xn--fa-hia.de to IDNA 2008, which registries
 * and browsers use. Two different hosts, which can belong to two different people.
 *
 * The strategy. A name in ASCII passes as it is: whoever wrote "xn--fa-hia.de" or "_sip.example" knows what he means. Only its form is
 * checked: 253 characters, labels of 1 to 63, and letters, digits, hyphens and underscores in them. Underscores are in no host name of RFC
 * 1123, and in many that exist; hyphens at the ends of a label too. A dot at the end keeps the resolver from trying its search domains,
 * and is passed on.
 *
 * Other names go through java.net.IDN, label by label, unless they contain a character that the two standards treat differently: then they
 * are refused, and the error says to write the A-label. Which ones those are was found by mapping every code point both ways, by the JDK
 * and by the tables of UTS 46 for Unicode 16: the four deviations (sharp s, final sigma, the two joiners), letters that got a lower case
 * after Unicode 3.2, fillers that are now ignored or no longer are, and five ideographs whose decomposition was corrected. The JDK itself
 * refuses what Unicode 3.2 did not have.
 *
 * What comes out of the JDK is checked like a name in ASCII: its mapping makes "1.2.3.4" of full-width digits and "a/c" of one sign.
 *
 * What we do not do: own UTS 46 tables, the rules of IDNA 2008 for right-to-left text and joiners, and decoding of A-labels.
 */

/** The rule for host names (spec IO-K7, KIT-N3). */
final class HostName {
  /** RFC 1035 section 2.3.4, as text and without a dot at the end. */
  private static final int LONGEST_NAME = 253;

  private static final int LONGEST_LABEL = 63;

  private static final Set<Integer> MAPPED_DIFFERENTLY =
      Stream.concat(
              IntStream.rangeClosed(0x10a0, 0x10c5).boxed(),
              Stream.of(
                  0xdf, 0x3c2, 0x4c0, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x1806, 0x200c, 0x200d,
                  0x2132, 0x2183, 0x3164, 0xffa0, 0x2f868, 0x2f874, 0x2f91f, 0x2f95f, 0x2f9bf))
          .collect(Collectors.toUnmodifiableSet());

  private HostName() {}

  /**
   * Checks a name, and turns it into ASCII if it is not.
   *
   * @param host not an IP literal
   * @return the same, or its A-labels
   * @throws IllegalArgumentException when it cannot be a host name; says where and why
   */
  static String toAscii(String host) {
    if (host.isBlank()) {
      throw new IllegalArgumentException("the host is " + (host.isEmpty() ? "empty" : "blank"));
    }
    String ascii = isAscii(host) ? host : mapped(host);
    checkForm(host, ascii);
    return ascii;
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 0x80);
  }

  private static String mapped(String host) {
    host.codePoints()
        .filter(MAPPED_DIFFERENTLY::contains)
        .findFirst()
        .ifPresent(
            c -> {
              throw refused(
                  host,
                  String.format("U+%04X means different hosts to IDNA 2003 and IDNA 2008;", c)
                      + " write the name that you mean in ASCII, as xn--...");
            });
    // The four dots of RFC 3490 section 3.1; -1 keeps empty labels, to be refused below.
    return Stream.of(host.split("[.\u3002\uff0e\uff61]", -1))
        .map(label -> isAscii(label) ? label : mappedLabel(host, label))
        .collect(Collectors.joining("."));
  }

  private static String mappedLabel(String host, String label) {
    String ascii;
    try {
      ascii = IDN.toASCII(label);
    } catch (RuntimeException e) {
      // IllegalArgumentException, and for broken surrogates whatever it trips over.
      throw new IllegalArgumentException(
          message(
              host,
              Quoted.of(label)
                  + " is no label of an international name, or newer than Unicode 3.2;"
                  + " write it in ASCII, as xn--..."),
          e);
    }
    if (ascii.indexOf('.') >= 0) {
      throw refused(host, Quoted.of(label) + " contains a sign that stands for a dot");
    }
    return ascii;
  }

  private static void checkForm(String host, String ascii) {
    int end = ascii.endsWith(".") ? ascii.length() - 1 : ascii.length();
    if (end > LONGEST_NAME) {
      throw refused(host, "a host name has at most 253 characters, this one has " + end);
    }
    for (String label : ascii.substring(0, end).split("\\.", -1)) {
      if (label.isEmpty()) {
        throw refused(host, "a part between two dots, or before the first, is empty");
      }
      if (label.length() > LONGEST_LABEL) {
        throw refused(host, Quoted.of(label) + " is longer than 63 characters");
      }
      for (int i = 0; i < label.length(); i++) {
        if (!isAllowed(label.charAt(i))) {
          throw refused(host, "a host name does not contain " + Quoted.of(label.charAt(i)));
        }
      }
    }
    if (IpLiteral.endsInNumber(ascii)) {
      throw refused(host, "it reads as the number " + Quoted.of(ascii) + "; write that in ASCII");
    }
  }

  private static boolean isAllowed(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }

  private static IllegalArgumentException refused(String host, String why) {
    return new IllegalArgumentException(message(host, why));
  }

  private static String message(String host, String why) {
    return "not a host name: " + Quoted.of(host) + ": " + why;
  }
}
