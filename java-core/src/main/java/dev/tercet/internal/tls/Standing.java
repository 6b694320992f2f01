package dev.tercet.internal.tls;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.ResourceException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * How a TLS stream stands towards its users: whether they can go on, and what they are told if not.
 *
 * <p><b>Three ways to end.</b> Closed, which outranks the others: by this side. Broken, for ever:
 * when the machine failed, or when a task came to grief while bytes of unknown number were on their
 * way to the peer. Unwrapped: closed, but the transport lives on. Besides, the own end may have
 * been sent: then receiving goes on.
 *
 * <p>None of them is ever taken back, so there is no lock: whoever looks sees what has happened
 * before, and what happens behind its back is told by its next look.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class Standing {
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable ResourceException broken;
  private volatile boolean unwrapped;
  private volatile boolean eofSent;

  Standing() {}

  /**
   * Throws what every operation of a closed or broken stream throws.
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
   * Throws if the session is broken, closed or not.
   *
   * @throws ResourceException as it was broken
   */
  public void ensureWhole() throws ResourceException {
    ResourceException cause = broken;
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
   * Whether the session is broken.
   *
   * @return then there is nothing to say to the peer any more
   */
  public boolean isBroken() {
    return broken != null;
  }

  /** What it was broken by; null when it is whole. */
  @Nullable ResourceException failure() {
    return broken;
  }

  /**
   * Breaks the session, since a task came to grief at a moment that cannot be repeated.
   *
   * @param what it was doing
   * @param cause what happened to it
   */
  public void breakBy(String what, Throwable cause) {
    if (broken == null) {
      broken =
          cause instanceof BrokenResourceException e ? e : new BrokenResourceException(what, cause);
    }
  }

  /** Breaks the session, whatever it was broken by before: that has followed from this. */
  void breakAfterAll(BrokenResourceException cause) {
    broken = cause;
  }

  /**
   * Whether the end was sent.
   *
   * @return true when the own goodbye was said
   */
  public boolean isEofSent() {
    return eofSent;
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
    return (broken == null ? "" : ", broken")
        + (unwrapped ? ", unwrapped" : closed.get() ? ", closed" : eofSent ? ", EOF sent" : "");
  }
}
