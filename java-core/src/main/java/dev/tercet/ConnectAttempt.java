package dev.tercet;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One address of a connect, and how it went.
 *
 * @param address what was tried
 * @param why why it had this place in the order
 * @param started when, counted from the start of the connect; zero when it was not started
 * @param ended when, counted likewise; null when it was not started
 * @param outcome how it ended
 * @param error what was wrong; null unless {@link Outcome#FAILED}
 */
public record ConnectAttempt(
    InetSocketAddress address,
    String why,
    Duration started,
    @Nullable Duration ended,
    Outcome outcome,
    @Nullable IOException error) {

  /** How an attempt ended. */
  public enum Outcome {
    /** It is the connection. */
    WON,
    /** It was refused, unreachable, or otherwise in error. */
    FAILED,
    /** Another one won, or the caller gave up, while it was under way. */
    ABANDONED,
    /** Another one won, or the caller gave up, before its turn. */
    NOT_STARTED
  }
}
