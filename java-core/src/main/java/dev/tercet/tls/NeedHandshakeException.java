package dev.tercet.tls;

import java.io.Serial;

/**
 * A fact of a secure session was asked for before the handshake that establishes it (spec IO-E5). A
 * bug of the caller: do the handshake first.
 */
public final class NeedHandshakeException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1L;

  private final String fact;

  /**
   * Makes one; public, for streams of your own.
   *
   * @param fact what was asked for
   */
  public NeedHandshakeException(String fact) {
    super(fact + " is not known before the handshake; call doHandshake() first");
    this.fact = fact;
  }

  /**
   * What was asked for.
   *
   * @return the text given at construction
   */
  public String fact() {
    return fact;
  }
}
