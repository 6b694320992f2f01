package dev.tercet;

import java.io.Serial;

/**
 * A {@code …Now} function would have to wait (spec NUR-X29). No other function throws this. It is a
 * bug of the caller, so an {@link IllegalStateException}.
 */
public final class WouldBlockException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1L;

  private final String operation;

  /**
   * Makes one; public, for custom channels.
   *
   * @param operation what would have to wait
   */
  public WouldBlockException(String operation) {
    super(operation);
    this.operation = operation;
  }

  /**
   * What would have to wait.
   *
   * @return the text given at construction
   */
  public String operation() {
    return operation;
  }
}
