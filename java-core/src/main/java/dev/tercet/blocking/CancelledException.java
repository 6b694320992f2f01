package dev.tercet.blocking;

import dev.tercet.internal.text.Cancellation;
import java.io.Serial;

/**
 * A wait ended because a {@link CancelScope} around it has expired or was cancelled. The {@code
 * run} or {@code call} of that scope catches it; other code must not.
 *
 * <p>Cancellation is level-triggered: code that catches this and continues gets it again from the
 * next wait (spec NUR-X17).
 *
 * <p>It is unchecked, so that no {@code catch (IOException)} around a retry loop swallows it. It is
 * no {@link InterruptedException}: the usual reaction to that would turn an expired limit into an
 * interrupt that outlives the scope. It is no {@link java.util.concurrent.CancellationException},
 * which is lost silently when a coroutine or a future ends with it (spec NUR-X21).
 */
@SuppressWarnings("exports") // the interface is a mark that no program names
public final class CancelledException extends RuntimeException implements Cancellation {
  @Serial private static final long serialVersionUID = 1L;

  // A field of our own also keeps kotlinx.coroutines from copying the exception to "recover" its
  // stack trace, which would change its identity.
  private final transient CancelScope scope;

  CancelledException(CancelScope scope) {
    super(scope.describeEnd());
    this.scope = scope;
  }

  /**
   * The scope that ended the wait: the outermost one of those that had expired.
   *
   * @return the scope; that of a nursery or of one of its tasks when the nursery ended it
   */
  public CancelScope scope() {
    return scope;
  }
}
