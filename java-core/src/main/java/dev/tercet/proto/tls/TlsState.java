package dev.tercet.proto.tls;

import dev.tercet.BrokenResourceException;
import dev.tercet.tls.TlsInfo;
import org.jspecify.annotations.Nullable;

/**
 * Where a session is, and which half of it is closed: flags of our own, since no engine's status
 * can be trusted with it (spec TLS-R-j, TLS-R-l). See the table of {@link TlsMachine}.
 *
 * <p>Not thread-safe; the caller holds the session lock.
 */
final class TlsState {
  static final String TLS_1_3 = "TLSv1.3";

  private TlsPhase phase = TlsPhase.CHOOSING;

  /** Null until the handshake is over. */
  private @Nullable TlsInfo info;

  private boolean tls13;

  /** The end of the session; thrown as a copy, by each step. */
  private @Nullable BrokenResourceException failure;

  /** We have sent close_notify. */
  private boolean closed;

  /** The engine takes no data any more: closed, failed, or it has answered close_notify. */
  private boolean outboundDone;

  private boolean peerClosed;

  TlsPhase phase() {
    return phase;
  }

  /** There is an engine. */
  void chosen() {
    if (phase == TlsPhase.CHOOSING) {
      phase = TlsPhase.NEW;
    }
  }

  /** Returns false when the handshake has begun before, or must not begin any more. */
  boolean begin() {
    if (phase != TlsPhase.NEW) {
      return false;
    }
    phase = TlsPhase.HANDSHAKING;
    return true;
  }

  /** The handshake is over. */
  void open(TlsInfo facts) {
    info = facts;
    tls13 = TLS_1_3.equals(facts.version());
    if (phase == TlsPhase.HANDSHAKING) {
      phase = TlsPhase.OPEN;
    }
  }

  /** The session has ended in both directions. */
  void fail(BrokenResourceException e) {
    failure = e;
    if (phase != TlsPhase.RELEASED) {
      phase = TlsPhase.FAILED;
    }
  }

  /** Returns false when it was released before. */
  boolean release() {
    boolean first = phase != TlsPhase.RELEASED;
    phase = TlsPhase.RELEASED;
    return first;
  }

  /** Whether there was a handshake that came to its end, whatever has happened since. */
  boolean isHandshaken() {
    return info != null;
  }

  @Nullable TlsInfo info() {
    return info;
  }

  /** Whether the version that was agreed on is TLS 1.3. */
  boolean isTls13() {
    return tls13;
  }

  boolean hasFailed() {
    return failure != null;
  }

  @Nullable BrokenResourceException failure() {
    return failure;
  }

  void throwIfFailed() throws BrokenResourceException {
    BrokenResourceException e = failure;
    if (e != null) {
      throw new BrokenResourceException(e.reason(), e.getCause());
    }
  }

  /** This side sends close_notify. */
  void close() {
    closed = true;
  }

  /** Whether this side has sent close_notify. */
  boolean isClosed() {
    return closed;
  }

  /** The engine has said so. */
  void outboundDone() {
    outboundDone = true;
  }

  /** Whether the engine takes no data any more. */
  boolean isOutboundDone() {
    return outboundDone;
  }

  /** The peer's close_notify has come. */
  void peerClosed() {
    peerClosed = true;
  }

  boolean isPeerClosed() {
    return peerClosed;
  }
}
