package dev.tercet;

import java.io.Serial;

/**
 * A message channel has ended cleanly: everything that was sent has been received, and no sender is
 * left (spec IO-E4). Byte streams never throw this; their EOF is a result.
 */
public final class EndOfChannelException extends ResourceException {
  @Serial private static final long serialVersionUID = 1L;

  /** Makes one; public, for custom channels. */
  public EndOfChannelException() {
    super("end of channel", null);
  }
}
