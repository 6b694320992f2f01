package dev.tercet.tls;

import dev.tercet.BrokenResourceException;
import java.io.Serial;
import javax.net.ssl.SSLException;

/**
 * The peer has ended the TLS session with an alert: it did not like our certificate, for instance,
 * or found a record damaged. It is the cause of a {@link BrokenResourceException}, and its own
 * cause is the engine's exception (spec TLS-G8, TLS-B19).
 */
public final class TlsAlertException extends SSLException {
  @Serial private static final long serialVersionUID = 1L;

  private final String alert;

  /**
   * Makes one; public, for streams of your own.
   *
   * @param alert its name as in RFC 8446, section 6
   * @param cause the engine's exception
   */
  public TlsAlertException(String alert, Throwable cause) {
    super("the peer sent the alert " + alert, cause);
    this.alert = alert;
  }

  /**
   * Which alert it was. Engines give it only in their messages, from which it is read. An alert
   * without a name in an engine has that engine's text here.
   *
   * @return its name as in RFC 8446, section 6, in lower case: {@code bad_certificate}, {@code
   *     unknown_ca}, {@code no_application_protocol}
   */
  public String alert() {
    return alert;
  }
}
