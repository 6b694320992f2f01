package dev.tercet.internal.serve;

import dev.tercet.internal.wait.Operation;
import dev.tercet.internal.wait.WaitPlace;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The end of a server: the handlers that are left have the drain time; then they are cancelled, and
 * waited for as long as it takes (spec IO-SV10).
 */
public final class Drain extends Operation {
  private final Connections connections;
  private final Runnable cancelAll;

  /** Null when it is over, or was never there. */
  private @Nullable Duration left;

  private @Nullable Duration limit;

  /**
   * Makes one that has not begun.
   *
   * @param drain how long they have if somebody has stopped the server; null for no limit
   * @param cancelAll cancels those that are left; does not wait
   */
  public Drain(Connections connections, @Nullable Duration drain, Runnable cancelAll) {
    this.connections = connections;
    this.left = connections.isDrainLimited() ? drain : null;
    this.cancelAll = cancelAll;
  }

  @Override
  public Need next() {
    if (connections.isIdle()) {
      return Need.DONE;
    }
    if (left == null) {
      return Need.WAIT;
    }
    limit = left;
    left = null;
    return Need.WITHIN;
  }

  @Override
  public WaitPlace place() {
    return connections.idle();
  }

  @Override
  public Operation part() {
    return new Drain(connections, null, () -> {});
  }

  @Override
  public @Nullable Duration limit() {
    return limit;
  }

  @Override
  public void ended(boolean expired) {
    if (expired) {
      cancelAll.run();
    }
  }

  @Override
  public boolean failed(Throwable e) {
    return false;
  }

  @Override
  public void cancelled(Throwable e) {
    // The handlers are cancelled by what has cancelled the server.
  }
}
