package dev.tercet.tls;

import dev.tercet.BrokenResourceException;
import java.io.IOException;
import java.io.Serial;

/**
 * The transport ended without the peer's close_notify. Somebody may have cut the conversation
 * short; what was received so far is authentic, but it may not be all. It is the cause of a {@link
 * BrokenResourceException} (spec TLS-G2).
 *
 * <p>Many HTTP servers and clients leave out close_notify, since HTTP messages mark their own end.
 * For them there is {@code withHttpsCompatible}.
 */
public final class TlsTruncatedException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final String reason;
  private final boolean duringHandshake;

  /**
   * Makes one; public, for streams of your own.
   *
   * @param duringHandshake whether the handshake had not ended yet
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
   * Whether the handshake had not ended yet.
   *
   * @return true when no byte of data can have been received
   */
  public boolean duringHandshake() {
    return duringHandshake;
  }
}
