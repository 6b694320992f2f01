package dev.tercet;

import java.io.Serial;

/**
 * A second task entered an operation that allows only one (spec IO-E3): two receivers on one
 * stream, two senders, two acceptors. Thrown at once, to the second caller only. It is a bug of the
 * caller, so an {@link IllegalStateException}. Protect the stream with a mutex when two tasks must
 * share it (spec IO-S9).
 */
public final class BusyResourceException extends IllegalStateException {
  @Serial private static final long serialVersionUID = 1L;

  private final String operation;

  /**
   * Makes one; public, for custom streams.
   *
   * @param operation what the first task is doing, as in "another task is sending"
   */
  public BusyResourceException(String operation) {
    super(operation);
    this.operation = operation;
  }

  /**
   * What the first task is doing.
   *
   * @return the text given at construction
   */
  public String operation() {
    return operation;
  }
}
