package dev.tercet;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The peer or the network broke the connection: a reset, a truncated conversation, malformed bytes.
 * The system's error is the {@linkplain #getCause() cause} (spec IO-E2).
 *
 * <p>A broken resource stays broken: every later operation throws this again, and never reports EOF
 * (spec IO-S4, IO-R8). It must still be closed.
 */
public final class BrokenResourceException extends ResourceException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Makes one; public, for custom streams.
   *
   * @param reason what happened, in one sentence
   * @param cause the error of the layer below; null for none
   */
  public BrokenResourceException(String reason, @Nullable Throwable cause) {
    super(reason, cause);
  }
}
