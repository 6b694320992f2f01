package dev.tercet.internal.text;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The names in a certificate: which hosts it is for, and what a message may say about it. */
public final class CertificateText {
  /** No error is longer for it than this. */
  private static final int MAX_NAMES = 10;

  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;

  private CertificateText() {}

  /**
   * Whether it is for a DNS name (RFC 9525): one of its alternative names is the same, or has a
   * wildcard for the whole first label. The common name does not count.
   *
   * @param name A-labels in lower case, without a final dot
   * @return true when it is
   */
  public static boolean isForName(X509Certificate certificate, String name) {
    return alternatives(certificate, DNS_NAME).stream()
        .anyMatch(pattern -> isPatternOf(pattern.toLowerCase(Locale.ROOT), name));
  }

  /**
   * The IP addresses that it is for.
   *
   * @return as the JDK writes them
   */
  public static List<String> addresses(X509Certificate certificate) {
    return alternatives(certificate, IP_ADDRESS);
  }

  private static boolean isPatternOf(String pattern, String name) {
    if (!pattern.startsWith("*.")) {
      return pattern.equals(name);
    }
    int dot = name.indexOf('.');
    return dot > 0 && pattern.substring(1).equals(name.substring(dot));
  }

  /** None of a certificate whose names cannot be read. */
  private static List<String> alternatives(X509Certificate certificate, int type) {
    try {
      return alternatives(certificate, Set.of(type));
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  private static List<String> alternatives(X509Certificate certificate, Set<Integer> types)
      throws CertificateParsingException {
    List<String> found = new ArrayList<>();
    Collection<List<?>> all = certificate.getSubjectAlternativeNames();
    if (all != null) {
      for (List<?> each : all) {
        if (each.get(0) instanceof Integer type
            && types.contains(type)
            && each.get(1) instanceof String text) {
          found.add(text);
        }
      }
    }
    return found;
  }

  /**
   * Whose it is.
   *
   * @return the subject, harmless and short
   */
  public static String subject(X509Certificate certificate) {
    return PeerText.name(certificate.getSubjectX500Principal());
  }

  /**
   * For which hosts it is.
   *
   * @return names and addresses, harmless and short
   */
  public static String hosts(X509Certificate certificate) {
    List<String> names;
    try {
      names = alternatives(certificate, Set.of(DNS_NAME, IP_ADDRESS));
    } catch (CertificateParsingException e) {
      return "names that cannot be read";
    }
    if (names.isEmpty()) {
      return subject(certificate) + " without a DNS name or address";
    }
    int more = names.size() - MAX_NAMES;
    return names.stream().limit(MAX_NAMES).map(PeerText::name).collect(Collectors.joining(", "))
        + (more > 0 ? " and " + more + " more" : "");
  }
}
