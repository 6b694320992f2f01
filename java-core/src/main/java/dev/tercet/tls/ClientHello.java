package dev.tercet.tls;

import dev.tercet.internal.text.PeerText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ClientHello (RFC 8446, section 4.1.2), for a server that chooses its configuration by it. It
 * is not authentic: the client may send anything.
 *
 * <p><i>Thread-safety:</i> immutable.
 *
 * @param serverName the server's name, SNI (RFC 6066, section 3), in lower case. It has letters,
 *     digits, hyphens, underscores and dots only, and at most 255 bytes. So it is safe in logs and
 *     as a key. It may look like an IPv4 address. Null when the client sends none
 * @param alpn the offered application protocols (RFC 7301), the preferred one first, each byte of a
 *     name as one character; empty for none
 * @param versions the offered versions, the preferred one first, as {@code TLSv1.3} and {@code
 *     TLSv1.2}. Unnamed ones, such as those of RFC 8701 (GREASE), are left out. A client without
 *     TLS 1.3 offers only its highest version
 */
public record ClientHello(@Nullable String serverName, List<String> alpn, List<String> versions) {
  /** Nobody offers more, and a text is not longer for it. */
  private static final int MAX_SHOWN = 10;

  /**
   * Keeps copies of the lists.
   *
   * @throws NullPointerException when a list is null, or an element of it
   */
  public ClientHello {
    alpn = List.copyOf(alpn);
    versions = List.copyOf(versions);
  }

  /** The ClientHello in one line; text of the client is shortened and harmless. */
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
