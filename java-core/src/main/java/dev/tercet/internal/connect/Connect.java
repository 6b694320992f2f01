package dev.tercet.internal.connect;

import dev.tercet.ConnectFailedException;
import dev.tercet.ConnectReport;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.net.NonBlockingSocket;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Operation;
import dev.tercet.internal.wait.Rethrow;
import dev.tercet.internal.wait.WaitOnce;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.tls.TlsConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A connect as an operation: a {@link Dial}, driven until it has ended.
 *
 * <p>The end has an order. What has lost is closed and released, so that nothing more is sent (spec
 * IO-HE14). Then the caller's consumer gets the report. Then something is made of the winner. When
 * one of these fails, or the caller is cancelled, the winner is closed too: it was not returned.
 *
 * <p>The release is asked for even when nothing was closed: there a driver looks for a cancellation
 * that came while the last part ended. The winner would be lost on a caller that is cancelled.
 *
 * <p>After a cancellation the report is delivered first, since no further step is taken. The driver
 * waits for the release all the same.
 */
public final class Connect<T, R> extends Operation {
  private final Dial<T> dial;
  private final @Nullable Consumer<ConnectReport> onReport;
  private final Function<T, R> winner;
  private List<Latch> closing = List.of();
  private @Nullable Duration limit;
  private boolean hasReleased;
  private @Nullable Throwable failure;
  private @Nullable R result;

  private Connect(Dial<T> dial, @Nullable Consumer<ConnectReport> onReport, Function<T, R> winner) {
    this.dial = dial;
    this.onReport = onReport;
    this.winner = winner;
  }

  /**
   * Begins a connect whose attempts are TCP connections.
   *
   * @param onReport gets the report, however the connect ends; null for nobody
   * @param winner makes the result of the socket that has won
   */
  public static <R> Connect<NonBlockingSocket, R> tcp(
      NetworkProvider network,
      DialPlan plan,
      @Nullable Consumer<ConnectReport> onReport,
      Function<NonBlockingSocket, R> winner) {
    return start(network, plan, sockets(network, plan), onReport, winner);
  }

  /**
   * Begins a connect whose attempts are TCP connections with a TLS handshake behind it.
   *
   * @param host who the server has to be
   * @param computing runs the handshakes' computations, in place or elsewhere
   * @param onReport gets the report, however the connect ends; null for nobody
   * @param winner makes the result of the attempt that has won
   */
  public static <R> Connect<TlsEstablishing, R> tls(
      NetworkProvider network,
      DialPlan plan,
      String host,
      TlsConfig config,
      Executor computing,
      @Nullable Consumer<ConnectReport> onReport,
      Function<TlsEstablishing, R> winner) {
    Establishing.Opening<TlsEstablishing> attempts =
        TlsEstablishing.opening(host, config, sockets(network, plan), computing);
    return start(network, plan, attempts, onReport, winner);
  }

  private static Establishing.Opening<NonBlockingSocket> sockets(
      NetworkProvider network, DialPlan plan) {
    return (target, local) -> TcpEstablishing.open(network, plan.socketOptions(), target, local);
  }

  /**
   * Begins a connect. The lookup has begun when this returns, so the operation has to be driven.
   *
   * @param attempts begins attempts
   * @param onReport gets the report, however the connect ends; null for nobody
   * @param winner makes the result of what has won
   */
  public static <T, R> Connect<T, R> start(
      NetworkProvider network,
      DialPlan plan,
      Establishing.Opening<T> attempts,
      @Nullable Consumer<ConnectReport> onReport,
      Function<T, R> winner) {
    return new Connect<>(new Dial<>(network, plan, attempts), onReport, winner);
  }

  /**
   * What was made of the winner.
   *
   * @return the caller owns it
   */
  public R result() {
    R made = result;
    if (made == null) {
      throw new IllegalStateException("the connect is not over, or has failed");
    }
    return made;
  }

  /**
   * Takes a step.
   *
   * @throws ConnectFailedException when every attempt has failed
   * @throws IOException when the lookup has failed
   */
  @Override
  public Need next() throws IOException {
    if (!dial.advance()) {
      long remainingNanos = dial.remainingNanos();
      if (remainingNanos == Dial.NEVER) {
        return Need.WAIT;
      }
      limit = Duration.ofNanos(remainingNanos);
      return Need.WITHIN;
    }
    closing = dial.takeClosing();
    if (!hasReleased || !closing.stream().allMatch(Latch::isOpen)) {
      hasReleased = true;
      return Need.RELEASE;
    }
    Throwable failure = this.failure;
    if (failure != null) {
      reportBeside(failure);
      throw Rethrow.<IOException>unchecked(failure);
    }
    T established = dial.result();
    report();
    result = winner.apply(established);
    return Need.DONE;
  }

  @Override
  public WaitPlace place() {
    return dial.news();
  }

  @Override
  public Operation part() {
    return new WaitOnce(dial.news());
  }

  @Override
  public @Nullable Duration limit() {
    return limit;
  }

  @Override
  public void ended(boolean expired) {
    if (expired) {
      dial.deadlinePassed();
    }
  }

  @Override
  public List<Latch> closing() {
    return closing;
  }

  @Override
  public boolean failed(Throwable e) {
    if (failure != null) {
      return false;
    }
    failure = e;
    dial.close();
    return true;
  }

  @Override
  public void cancelled(Throwable e) {
    dial.close();
    closing = dial.takeClosing();
    reportBeside(e);
  }

  /** Once: what the consumer throws is no reason for a second report. */
  private void report() {
    ConnectReport report = onReport == null ? null : dial.takeReport();
    if (report != null && onReport != null) {
      onReport.accept(report);
    }
  }

  private void reportBeside(Throwable outcome) {
    try {
      report();
    } catch (Throwable late) {
      outcome.addSuppressed(late);
    }
  }
}
