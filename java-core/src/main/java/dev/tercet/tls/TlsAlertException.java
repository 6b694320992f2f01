package dev.tercet.tls;

import dev.tercet.BrokenResourceException;
import java.io.Serial;
import javax.net.ssl.SSLException;

/**
 * The peer has ended the TLS session with an alert: it did not like our certificate, for instance,
 * or found a record damaged. It is the cause of a {@link BrokenResourceException}, and its own
 * cause is what the engine said (spec TLS-G8, TLS-B19).
 */
public final class TlsAlertException extends SSLException {
  @Serial private static final long serialVersionUID = 1L;

  private final String alert;

  /**
   * Makes one; public, for streams of your own.
   *
   * @param alert its name as in RFC 8446, section 6
   * @param cause what the engine said
   */
  public TlsAlertException(String alert, Throwable cause) {
    super("the peer sent the alert " + alert, cause);
    this.alert = alert;
  }

  /**
   * Which alert it was. Engines tell it in their texts only; it is read from there, so an alert
   * that an engine has no name for has the engine's word for it here.
   *
   * @return its name as in RFC 8446, section 6, in lower case: {@code bad_certificate}, {@code
   *     unknown_ca}, {@code no_application_protocol}
   */
  public String alert() {
    return alert;
  }
}
