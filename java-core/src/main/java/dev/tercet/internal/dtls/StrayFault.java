package dev.tercet.internal.dtls;

import org.jspecify.annotations.Nullable;

/**
 * What was thrown about no association, until it is logged. Anybody can send what is about no
 * association, so at most one a second is logged.
 *
 * <p>Guarded by the endpoint's lock.
 */
final class StrayFault {
  private static final long LOG_PAUSE_NANOS = 1_000_000_000L;

  private @Nullable Throwable thrown;
  private boolean hasLogged;
  private long loggedNanos;

  /** Notes one; it takes the place of an earlier one. */
  void note(Throwable thrown) {
    this.thrown = thrown;
  }

  boolean isEmpty() {
    return thrown == null;
  }

  /** Takes the one to be logged now, if there is one. */
  @Nullable Throwable take(long nowNanos) {
    Throwable taken = thrown;
    thrown = null;
    if (taken == null || (hasLogged && nowNanos - loggedNanos < LOG_PAUSE_NANOS)) {
      return null;
    }
    hasLogged = true;
    loggedNanos = nowNanos;
    return taken;
  }
}
