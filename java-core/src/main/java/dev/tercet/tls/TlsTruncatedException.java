package dev.tercet.tls;

import dev.tercet.BrokenResourceException;
import java.io.IOException;
import java.io.Serial;

/**
 * The transport ended without the peer's close_notify. An attacker may have truncated the
 * conversation; the bytes received so far are authentic, but may be incomplete. It is the cause of
 * a {@link BrokenResourceException} (spec TLS-G2).
 *
 * <p>Many HTTP servers and clients omit close_notify, because HTTP messages mark their own end. Use
 * {@code withHttpsCompatible} for them.
 */
public final class TlsTruncatedException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final String reason;
  private final boolean duringHandshake;

  /**
   * Makes one; public, for custom streams.
   *
   * @param duringHandshake whether the handshake was not complete yet
   */
  public TlsTruncatedException(boolean duringHandshake) {
    this(
        duringHandshake
            ? "the connection ended in the middle of the TLS handshake"
            : "the connection ended without the peer's close_notify",
        duringHandshake);
  }

  private TlsTruncatedException(String reason, boolean duringHandshake) {
    super(reason);
    this.reason = reason;
    this.duringHandshake = duringHandshake;
  }

  /**
   * What happened, in one sentence.
   *
   * @return the same text as {@link #getMessage()}
   */
  public String reason() {
    return reason;
  }

  /**
   * Whether the handshake was not complete yet.
   *
   * @return true when no byte of data can have been received
   */
  public boolean duringHandshake() {
    return duringHandshake;
  }
}
