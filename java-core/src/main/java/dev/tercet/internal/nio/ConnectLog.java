package dev.tercet.internal.nio;

import dev.tercet.ConnectAttempt;
import dev.tercet.ConnectAttempt.Outcome;
import dev.tercet.ConnectReport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connect to a host, address after address: which is next, and how each went. The drivers of both
 * languages keep one and wait.
 *
 * <p>Not thread-safe; one connect is one task.
 */
public final class ConnectLog {
  private final String host;
  private final int port;
  private final long startNanos = System.nanoTime();
  private final List<ConnectAttempt> attempts = new ArrayList<>();
  private List<InetSocketAddress> targets = List.of();
  private Duration lookup = Duration.ZERO;
  private Duration started = Duration.ZERO;
  private @Nullable InetSocketAddress winner;

  /**
   * Begins a connect.
   *
   * @param host a name or a literal
   * @param port 1 to 65535
   */
  public ConnectLog(String host, int port) {
    this.host = Addresses.requireHost(host);
    this.port = Addresses.requireRemotePort(port);
  }

  /**
   * The lookup has answered.
   *
   * @param addresses what to try, in this order
   */
  public void lookedUp(List<InetAddress> addresses) {
    lookup = elapsed();
    targets = addresses.stream().map(address -> new InetSocketAddress(address, port)).toList();
  }

  /**
   * Begins the next attempt.
   *
   * @return where to, null when all have been tried
   */
  public @Nullable InetSocketAddress next() {
    started = elapsed();
    return attempts.size() < targets.size() ? targets.get(attempts.size()) : null;
  }

  /**
   * The attempt has failed.
   *
   * @param error why
   */
  public void failed(IOException error) {
    record(Outcome.FAILED, error);
  }

  /** The attempt has succeeded. */
  public void won() {
    winner = targets.get(attempts.size());
    record(Outcome.WON, null);
  }

  private void record(Outcome outcome, @Nullable IOException error) {
    InetSocketAddress target = targets.get(attempts.size());
    attempts.add(
        new ConnectAttempt(target, "resolver's order", started, elapsed(), outcome, error));
  }

  /**
   * The address to bind to before connecting to a target.
   *
   * @param locals what the user's local address means, null when he gave none
   * @param localAddress the user's words, for the message
   * @param target where to
   * @return null when he gave none
   * @throws SocketException when no local address is of the target's family: with a dual-stack
   *     socket the system would connect all the same, from another address (spec IO-HE16)
   */
  public static @Nullable InetSocketAddress localFor(
      @Nullable List<InetAddress> locals, @Nullable String localAddress, InetSocketAddress target)
      throws SocketException {
    if (locals == null) {
      return null;
    }
    for (InetAddress local : locals) {
      if (local.getClass() == target.getAddress().getClass()) {
        return new InetSocketAddress(local, 0);
      }
    }
    throw new SocketException(
        "local address "
            + localAddress
            + " is incompatible with remote address "
            + Addresses.text(target));
  }

  /**
   * A family that this system does not have fails the attempt, not the connect (spec IO-HE7).
   *
   * @param target where to
   * @param cause what the system said
   * @return what the attempt fails with
   */
  public static SocketException familyMissing(
      InetSocketAddress target, UnsupportedOperationException cause) {
    SocketException e =
        new SocketException(
            "Error connecting to " + Addresses.text(target) + ": " + cause.getMessage());
    e.initCause(cause);
    return e;
  }

  /**
   * What has happened so far.
   *
   * @return the report
   */
  public ConnectReport report() {
    List<ConnectAttempt> all = new ArrayList<>(attempts);
    for (InetSocketAddress target : targets.subList(attempts.size(), targets.size())) {
      all.add(
          new ConnectAttempt(
              target, "resolver's order", Duration.ZERO, null, Outcome.NOT_STARTED, null));
    }
    return new ConnectReport(host, port, lookup, all, winner, elapsed());
  }

  private Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startNanos);
  }
}
