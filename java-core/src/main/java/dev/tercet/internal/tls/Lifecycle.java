package dev.tercet.internal.tls;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.ResourceException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The lifecycle of a TLS stream: open, closed, broken, unwrapped. It says whether an operation may
 * go on, and what it throws if not.
 *
 * <p><b>Four ways to end.</b> Closed by this side, which outranks the others. Broken for good: the
 * machine has failed, or a task was cut short in the handshake. Broken for sending only: a send was
 * cut short, and nobody knows how many bytes are out. What the peer has sent is received all the
 * same, and no EOF is reported after it (spec TLS-C5). Unwrapped: closed, but the transport lives
 * on. Besides, EOF may have been sent: then receiving goes on.
 *
 * <p>None of them is ever taken back, so there is no lock: a look sees what has happened before it,
 * and the next look sees the rest.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class Lifecycle {
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable ResourceException broken;
  private volatile @Nullable ResourceException sendBroken;
  private volatile boolean unwrapped;
  private volatile boolean eofSent;

  Lifecycle() {}

  /**
   * Throws what every operation of a closed or broken stream throws, but for receiving.
   *
   * @throws ResourceException when closed or broken
   */
  public void ensureUsable() throws ResourceException {
    ensureOpen();
    ensureWhole();
  }

  /**
   * Throws if this side has closed, broken or not.
   *
   * @throws ClosedResourceException when closed
   */
  void ensureOpen() throws ClosedResourceException {
    if (closed.get()) {
      throw new ClosedResourceException(
          unwrapped ? "the stream has left TLS, by unwrap" : "the TLS stream was closed");
    }
  }

  /**
   * Throws if the session is broken in any direction, closed or not.
   *
   * @throws ResourceException as it was broken
   */
  public void ensureWhole() throws ResourceException {
    ensureReceives();
    throwIfBroken(sendBroken);
  }

  /**
   * Throws if nothing can be received any more.
   *
   * @throws ResourceException as the session was broken
   */
  void ensureReceives() throws ResourceException {
    throwIfBroken(broken);
  }

  private static void throwIfBroken(@Nullable ResourceException cause)
      throws BrokenResourceException {
    if (cause != null) {
      throw new BrokenResourceException(cause.reason(), cause.getCause());
    }
  }

  /**
   * Throws unless sending is possible.
   *
   * @throws ResourceException when closed, broken, or after the own end
   */
  public void ensureCanSend() throws ResourceException {
    ensureUsable();
    if (eofSent) {
      throw new ClosedResourceException("can't send data after sending EOF");
    }
  }

  /**
   * Whether the session is broken, in one direction at least.
   *
   * @return then there is nothing to say to the peer any more
   */
  public boolean isBroken() {
    return broken != null || sendBroken != null;
  }

  /** Why the session is broken, in both directions or in one; null when it is not. */
  @Nullable ResourceException failure() {
    ResourceException both = broken;
    return both == null ? sendBroken : both;
  }

  /** Whether receiving is not broken. */
  boolean receives() {
    return broken == null;
  }

  /** Whether sending is broken; receiving need not be. */
  boolean isSendBroken() {
    return sendBroken != null;
  }

  /** Breaks the session, since a task was cut short in the middle of what cannot be repeated. */
  public void breakBy(String what, Throwable cause) {
    if (broken == null) {
      broken = asBroken(what, cause);
    }
  }

  /** Breaks one direction. */
  void breakSending(String what, Throwable cause) {
    if (sendBroken == null) {
      sendBroken = asBroken(what, cause);
    }
  }

  private static BrokenResourceException asBroken(String what, Throwable cause) {
    return cause instanceof BrokenResourceException e
        ? e
        : new BrokenResourceException(what, cause);
  }

  /** Breaks the session, whatever it was broken by before: that has followed from this. */
  void breakAfterAll(BrokenResourceException cause) {
    broken = cause;
  }

  /** As {@link #breakAfterAll(BrokenResourceException)}, for any cause. */
  void breakAfterAll(String what, Throwable cause) {
    broken = asBroken(what, cause);
  }

  /**
   * Whether the end was sent.
   *
   * @return true when the own close_notify was said, and did not fail to be sent
   */
  public boolean isEofSent() {
    return eofSent && sendBroken == null;
  }

  void sentEof() {
    eofSent = true;
  }

  /**
   * Marks the session as closed: from now on every operation of the user's throws Closed.
   *
   * @return whether it was open
   */
  public boolean close() {
    return closed.compareAndSet(false, true);
  }

  /**
   * Whether the stream has left TLS: then the transport is somebody else's.
   *
   * @return true from then on
   */
  public boolean isUnwrapped() {
    return unwrapped;
  }

  void unwrap() {
    unwrapped = true;
    closed.set(true);
  }

  @Override
  public String toString() {
    return (isBroken() ? ", broken" : "")
        + (unwrapped ? ", unwrapped" : closed.get() ? ", closed" : eofSent ? ", EOF sent" : "");
  }
}
