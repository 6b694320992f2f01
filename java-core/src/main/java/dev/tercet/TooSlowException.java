package dev.tercet;

import dev.tercet.internal.text.Durations;
import java.io.IOException;
import java.io.Serial;
import java.time.Duration;

/**
 * The limit of a {@code failAfter} expired. It is an {@link IOException} and no cancellation, so it
 * cannot be lost as kotlinx's {@code TimeoutCancellationException} does (spec NUR-X21). Only the
 * {@code failAfter} whose limit expired throws it (spec NUR-X20).
 */
public final class TooSlowException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final Duration limit;

  /**
   * Makes one.
   *
   * @param limit the limit
   */
  public TooSlowException(Duration limit) {
    super("not finished within " + Durations.text(limit));
    this.limit = limit;
  }

  private TooSlowException(Duration limit, String hint) {
    super("not finished within " + Durations.text(limit) + hint);
    this.limit = limit;
  }

  /**
   * Makes one for a limit of virtual time, with a message about it. There a limit expires as soon
   * as no task can run. A wait for a real socket, file or process never ends there.
   *
   * @param limit the limit
   * @return what to throw
   */
  public static TooSlowException inVirtualTime(Duration limit) {
    return new TooSlowException(
        limit,
        " of virtual time, which does not wait for real sockets, files or processes: for those,"
            + " use the limit outside of the simulated time, in Kotlin inside of"
            + " withContext(Dispatchers.Default)");
  }

  /**
   * The limit.
   *
   * @return the limit of the {@code failAfter}
   */
  public Duration limit() {
    return limit;
  }
}
