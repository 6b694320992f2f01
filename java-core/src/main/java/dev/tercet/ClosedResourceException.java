package dev.tercet;

import java.io.Serial;

/**
 * Our own side closed the resource, earlier or while the operation was waiting (spec IO-E1). Never
 * thrown for an action of the peer. It outranks {@link BrokenResourceException}.
 */
public final class ClosedResourceException extends ResourceException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Makes one; public, for custom streams.
   *
   * @param reason what was closed and, where known, by which call
   */
  public ClosedResourceException(String reason) {
    super(reason, null);
  }
}
