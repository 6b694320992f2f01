package dev.tercet;

import java.io.IOException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * An operation of a stream, listener or channel failed. The subclass names the cause: the peer or
 * the network ({@link BrokenResourceException}), our own side ({@link ClosedResourceException}), or
 * a regular end ({@link EndOfChannelException}).
 *
 * <p>Sealed, so that a Kotlin {@code when} over it is exhaustive. None of these is a cancellation,
 * and none is thrown for a bug of the caller: those are {@link IllegalStateException}s and {@link
 * IllegalArgumentException}s.
 *
 * <p><i>Thread-safety:</i> as any exception.
 */
public abstract sealed class ResourceException extends IOException
    permits BrokenResourceException, ClosedResourceException, EndOfChannelException {
  @Serial private static final long serialVersionUID = 1L;

  // A field of our own keeps kotlinx.coroutines from copying the exception to "recover" its stack
  // trace, which would change its identity and move its cause and suppressed exceptions.
  private final String reason;

  ResourceException(String reason, @Nullable Throwable cause) {
    super(reason, cause);
    this.reason = reason;
  }

  /**
   * What happened, in one sentence without the names of classes.
   *
   * @return the reason; the same text as {@link #getMessage()}
   */
  public final String reason() {
    return reason;
  }
}
