package dev.tercet.internal.serve;

import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Operation;
import dev.tercet.internal.wait.WaitOnce;
import dev.tercet.proto.serve.IdleCount;
import java.time.Duration;

/** Looks for idle connections, {@link IdleCount#LOOKS} times per idle time, until cancelled. */
public final class IdleSweep extends Operation {
  private static final Duration SHORTEST = Duration.ofMillis(1);

  private final Duration pause;
  private final Runnable look;
  private final Latch never = new Latch();

  /**
   * Makes one that has not begun.
   *
   * @param idleTimeout how long a connection may be idle
   * @param look looks at all connections, once
   */
  public IdleSweep(Duration idleTimeout, Runnable look) {
    Duration wanted = idleTimeout.dividedBy(IdleCount.LOOKS);
    this.pause = wanted.compareTo(SHORTEST) < 0 ? SHORTEST : wanted;
    this.look = look;
  }

  @Override
  public Need next() {
    return Need.WITHIN;
  }

  @Override
  public Operation part() {
    return new WaitOnce(never);
  }

  @Override
  public Duration limit() {
    return pause;
  }

  @Override
  public void ended(boolean expired) {
    look.run();
  }

  @Override
  public boolean failed(Throwable e) {
    return false;
  }

  @Override
  public void cancelled(Throwable e) {
    // The server is over.
  }
}
