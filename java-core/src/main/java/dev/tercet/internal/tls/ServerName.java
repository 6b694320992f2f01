package dev.tercet.internal.tls;

import dev.tercet.AddressText;
import dev.tercet.internal.names.Host;
import java.net.InetAddress;
import java.util.Locale;
import javax.net.ssl.SNIHostName;
import org.jspecify.annotations.Nullable;

/**
 * The name of a server, in the one form in which it is both sent to the server and looked for in
 * its certificate. Engines accept a certificate that fits either of the two, so they must never
 * differ (spec TLS-M5).
 *
 * @param host A-labels in lower case without a final dot, or an IP address without a zone
 * @param sni the name to send to the server; null for an address (RFC 6066, section 3), and for a
 *     name with an underscore, which is no host name (RFC 1123, section 2.1): servers of the JDK
 *     end the handshake of a client that sends one (spec TLS-M9)
 */
public record ServerName(String host, @Nullable SNIHostName sni) {
  /**
   * Brings a name into form.
   *
   * @param name a DNS name, also an international one, or an IP address, IPv6 without brackets
   * @throws IllegalArgumentException when it is neither; says why
   */
  public static ServerName of(String name) {
    Host host = Host.parse(name);
    InetAddress address = host.address();
    if (address != null) {
      // The zone is about this machine; it is in no certificate.
      String text = AddressText.of(address);
      int zone = text.indexOf('%');
      return new ServerName(zone < 0 ? text : text.substring(0, zone), null);
    }
    String ascii = host.name().toLowerCase(Locale.ROOT);
    if (ascii.endsWith(".")) {
      ascii = ascii.substring(0, ascii.length() - 1);
    }
    if (ascii.indexOf('_') >= 0) {
      return new ServerName(ascii, null);
    }
    try {
      return new ServerName(ascii, new SNIHostName(ascii));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the JDK cannot send \"" + ascii + "\" as the name of a server", e);
    }
  }

  /**
   * Whether the JDK finds it in no certificate, since it has an underscore.
   *
   * @return then it must be looked for without the JDK
   */
  public boolean isUnknownToTheJdk() {
    return host.indexOf('_') >= 0;
  }
}
