package dev.tercet.tls;

import dev.tercet.internal.text.PeerText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client says about itself before anything is agreed on (RFC 8446, section 4.1.2), for a
 * server that chooses its configuration by it. Nothing of it is authentic: the client may say what
 * it likes.
 *
 * <p><i>Thread-safety:</i> immutable.
 *
 * @param serverName the server that the client wants to talk to (RFC 6066, section 3): in lower
 *     case, of letters, digits, hyphens, underscores and dots only, at most 255 bytes, so that it
 *     can be looked up and logged as it is; may look like an IPv4 address. Null when the client
 *     says none
 * @param alpn the application protocols that it offers (RFC 7301), the preferred one first, each
 *     byte of a name as one character; empty when it offers none
 * @param versions the versions that it offers, the preferred one first, as {@code TLSv1.3} and
 *     {@code TLSv1.2}; those without a name, such as the made-up ones of RFC 8701, are left out. A
 *     client that knows no TLS 1.3 says only the highest one that it has
 */
public record ClientHello(@Nullable String serverName, List<String> alpn, List<String> versions) {
  /** Nobody offers more, and a text is not longer for it. */
  private static final int MAX_SHOWN = 10;

  /**
   * Keeps copies of the lists.
   *
   * @throws NullPointerException when a list is null, or something in it
   */
  public ClientHello {
    alpn = List.copyOf(alpn);
    versions = List.copyOf(versions);
  }

  /** The hello in one line; what the client has chosen is cut and harmless. */
  @Override
  public String toString() {
    return "ClientHello(server name "
        + (serverName == null ? "none" : PeerText.name(serverName))
        + ", ALPN "
        + alpn.stream().limit(MAX_SHOWN).map(PeerText::name).toList()
        + ", versions "
        + versions.stream().limit(MAX_SHOWN).toList()
        + ")";
  }
}
