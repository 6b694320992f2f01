package dev.tercet.proto.tls;

import java.io.Serial;
import javax.net.ssl.SSLException;

/** What a client sent is no ClientHello; says what is wrong, and where. */
final class MalformedHelloException extends SSLException {
  @Serial private static final long serialVersionUID = 1L;

  private final TlsAlert alert;
  private final String reason;

  MalformedHelloException(TlsAlert alert, String reason) {
    super(reason);
    this.alert = alert;
    this.reason = reason;
  }

  /** The message. */
  String reason() {
    return reason;
  }

  /** What to tell the client. */
  TlsAlert alert() {
    return alert;
  }
}
