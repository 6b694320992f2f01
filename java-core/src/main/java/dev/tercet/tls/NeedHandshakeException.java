package dev.tercet.tls;

import java.io.Serial;

/**
 * A property of a secure session was read before the handshake that establishes it (spec IO-E5). A
 * bug of the caller: call {@code doHandshake} first.
 */
public final class NeedHandshakeException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1L;

  private final String fact;

  /**
   * Makes one; public, for custom streams.
   *
   * @param fact the requested property
   */
  public NeedHandshakeException(String fact) {
    super(fact + " is not known before the handshake; call doHandshake() first");
    this.fact = fact;
  }

  /**
   * The requested property.
   *
   * @return the text given at construction
   */
  public String fact() {
    return fact;
  }
}
