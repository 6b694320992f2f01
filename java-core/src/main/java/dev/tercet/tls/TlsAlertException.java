package dev.tercet.tls;

import dev.tercet.BrokenResourceException;
import java.io.Serial;
import javax.net.ssl.SSLException;

/**
 * The peer has ended the TLS session with an alert: it has rejected our certificate, for example,
 * or found a damaged record. It is the cause of a {@link BrokenResourceException}, and its own
 * cause is the engine's exception (spec TLS-G8, TLS-B19).
 */
public final class TlsAlertException extends SSLException {
  @Serial private static final long serialVersionUID = 1L;

  private final String alert;

  /**
   * Makes one; public, for custom streams.
   *
   * @param alert its name as in RFC 8446, section 6
   * @param cause the engine's exception
   */
  public TlsAlertException(String alert, Throwable cause) {
    super("the peer sent the alert " + alert, cause);
    this.alert = alert;
  }

  /**
   * The alert. Engines report it only in their messages, from which it is parsed. For an alert
   * without a name in an engine, this is that engine's text.
   *
   * @return its name as in RFC 8446, section 6, in lower case: {@code bad_certificate}, {@code
   *     unknown_ca}, {@code no_application_protocol}
   */
  public String alert() {
    return alert;
  }
}
