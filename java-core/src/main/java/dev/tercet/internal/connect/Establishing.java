package dev.tercet.internal.connect;

import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * An attempt of a race as a series of steps that never wait: a TCP connect, or a connect with a
 * handshake behind it, when the race is to be through that (spec IO-HV12). Whoever drives it waits
 * where it says, and so can drive many.
 *
 * <p><i>Thread-safety:</i> one task.
 */
public interface Establishing<T> {
  /**
   * Goes as far as it can without waiting. May be called at any time, also when nothing has
   * happened; while nobody waits in the place it named.
   *
   * @param nowNanos the network's time; never before that of an earlier call
   * @return where to wait before the next step; null when it is established
   * @throws IOException when the attempt has failed
   */
  @Nullable WaitPlace advance(long nowNanos) throws IOException;

  /**
   * When to call {@link #advance} again at the latest: it gives up then.
   *
   * @return the network's time; {@link Dial#NEVER} for no limit
   */
  default long deadlineNanos() {
    return Dial.NEVER;
  }

  /**
   * What was established.
   *
   * @return the same at each call, from the moment at which {@link #advance} has returned null
   */
  T result();

  /** Closes what there is, established or not, at once; any number of times. */
  void close();

  /**
   * Where to wait, after {@link #close}, until nothing is sent any more.
   *
   * @return a latch that opens
   */
  Latch released();

  /** Begins attempts. */
  @FunctionalInterface
  interface Opening<T> {
    /**
     * Begins an attempt: whatever can be done before the first step.
     *
     * @param local the address to connect from; null for any
     * @throws IOException when it has failed already; then nothing is left open
     */
    Establishing<T> open(InetSocketAddress target, @Nullable InetSocketAddress local)
        throws IOException;
  }
}
