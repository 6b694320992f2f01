package dev.tercet.internal.tls;

import dev.tercet.internal.nio.Addresses;
import java.net.IDN;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Pattern;
import javax.net.ssl.SNIHostName;
import org.jspecify.annotations.Nullable;

/**
 * The name of a server, in the one form in which it is both sent to the server and looked for in
 * its certificate. Engines accept a certificate that fits either of the two, so they must never
 * differ (spec TLS-M5).
 *
 * @param host an A-label in lower case without a final dot, or an IP literal without brackets
 * @param isAddress whether it is a literal: those are not sent (RFC 6066, section 3)
 */
public record ServerName(String host, boolean isAddress) {
  /**
   * What the two standards for names map differently: a name with one of these is somebody else's
   * in the other standard.
   */
  private static final Pattern AMBIGUOUS = Pattern.compile("[\u00df\u03c2\u200c\u200d]");

  /**
   * Brings a name into form.
   *
   * @param name a DNS name, also an international one, or an IP literal, IPv6 with or without
   *     brackets
   * @return the name
   * @throws IllegalArgumentException when it is neither
   */
  public static ServerName of(String name) {
    String host = name.strip();
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    InetAddress literal = Addresses.literal(Addresses.requireHost(host));
    if (literal != null) {
      int zone = host.indexOf('%');
      return new ServerName(zone < 0 ? host : host.substring(0, zone), true);
    }
    if (host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    return new ServerName(ascii(host), false);
  }

  private static String ascii(String host) {
    if (AMBIGUOUS.matcher(host).find()) {
      throw new IllegalArgumentException(
          "the name \""
              + host
              + "\" means one host by IDNA 2003 and another by IDNA 2008;"
              + " write it in its ASCII form, xn--...");
    }
    try {
      String ascii = IDN.toASCII(host, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
      // Checks the characters; the message of the JDK says what is wrong.
      return new SNIHostName(ascii).getAsciiName();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not a name of a server: \"" + host + "\"", e);
    }
  }

  /**
   * The name to send to the server.
   *
   * @return null for an address
   */
  @Nullable SNIHostName sni() {
    return isAddress ? null : new SNIHostName(host);
  }
}
