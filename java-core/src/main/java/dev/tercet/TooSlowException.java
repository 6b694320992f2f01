package dev.tercet;

import dev.tercet.internal.text.Durations;
import java.io.IOException;
import java.io.Serial;
import java.time.Duration;

/**
 * A {@code failAfter} ran out of time. It is an {@link IOException} and no cancellation, so it
 * cannot vanish as kotlinx's {@code TimeoutCancellationException} does (spec NUR-X21). Only the
 * {@code failAfter} whose limit expired throws it (spec NUR-X20).
 */
public final class TooSlowException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final Duration limit;

  /**
   * Makes one.
   *
   * @param limit the time that was given
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
   * Makes one for a limit of virtual time, which says so: there a limit is over as soon as nothing
   * can run, and what waits for a real socket, file or process waits for ever.
   *
   * @param limit the time that was given
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
   * The time that was given.
   *
   * @return the limit of the {@code failAfter}
   */
  public Duration limit() {
    return limit;
  }
}
