package dev.tercet.testing.simulation;

import dev.tercet.internal.text.Durations;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How an address of a {@link SimulatedNetwork} answers a connect: as the listener there does, or as
 * the test sets it.
 *
 * <p><i>Thread-safety:</i> immutable.
 */
public final class ConnectAnswer {
  /** What happens in the end. */
  enum Kind {
    LISTENER,
    ACCEPT,
    FAIL,
    HANG
  }

  private static final ConnectAnswer LISTENER = new ConnectAnswer(Kind.LISTENER, null, null);

  private final Kind kind;
  private final @Nullable IOException error;

  /** Null: as long as the way there and back takes. */
  private final @Nullable Duration after;

  private ConnectAnswer(Kind kind, @Nullable IOException error, @Nullable Duration after) {
    this.kind = kind;
    this.error = error;
    this.after = after;
  }

  /**
   * The default: the listener that is bound there answers; without one the connect is refused.
   *
   * @return the answer; {@link #after} does not apply to it
   */
  public static ConnectAnswer byListener() {
    return LISTENER;
  }

  /**
   * Succeeds, listener or not. The test gets the other end from {@link SimulatedNetwork#peers}.
   *
   * @return the answer, given when the way there and back allows it
   */
  public static ConnectAnswer accept() {
    return new ConnectAnswer(Kind.ACCEPT, null, null);
  }

  /**
   * Nobody listens: {@link ConnectException}, "Connection refused".
   *
   * @return the answer, given when the way there and back allows it
   */
  public static ConnectAnswer refuse() {
    return fail(new ConnectException("Connection refused"));
  }

  /**
   * There is no such host: {@link NoRouteToHostException}. With {@link #after} of zero the connect
   * fails before it has begun to wait, as where there is no route at all.
   *
   * @return the answer, given when the way there and back allows it
   */
  public static ConnectAnswer unreachable() {
    return fail(new NoRouteToHostException("No route to host"));
  }

  /**
   * Any other failure.
   *
   * @param error the system's error
   * @return the answer, given when the way there and back allows it
   */
  public static ConnectAnswer fail(IOException error) {
    return new ConnectAnswer(Kind.FAIL, error, null);
  }

  /**
   * No answer, ever: a black hole.
   *
   * @return the answer; {@link #after} does not apply to it
   */
  public static ConnectAnswer hang() {
    return new ConnectAnswer(Kind.HANG, null, null);
  }

  /**
   * The same answer at another time.
   *
   * @param sinceConnect exactly so long after the connect began; zero makes a failure immediate
   * @return a new answer
   */
  public ConnectAnswer after(Duration sinceConnect) {
    if (sinceConnect.isNegative()) {
      throw new IllegalArgumentException(
          "the time must not be negative, but is " + Durations.text(sinceConnect));
    }
    if (kind == Kind.LISTENER || kind == Kind.HANG) {
      throw new IllegalArgumentException(this + " has no time of its own");
    }
    return new ConnectAnswer(kind, error, sinceConnect);
  }

  Kind kind() {
    return kind;
  }

  @Nullable IOException error() {
    return error;
  }

  /** Null: as long as the way there and back takes. */
  @Nullable Duration after() {
    return after;
  }

  @Override
  public String toString() {
    return kind.name().toLowerCase(java.util.Locale.ROOT)
        + (error == null ? "" : " (" + error.getMessage() + ")")
        + (after == null ? "" : " after " + Durations.text(after));
  }
}
