package dev.tercet.internal.tls;

import dev.tercet.proto.tls.TlsNeed;
import java.io.IOException;

/** Leaves TLS: close_notify is sent, that of the peer is received, and the transport lives on. */
public final class TlsUnwrap extends TlsOperation {
  private static final byte[] NOTHING = {};

  private enum Phase {
    /** Nothing has been done that cannot be repeated. */
    BEGIN,
    CLOSE,
    FLUSH,
    LISTEN
  }

  private Phase phase = Phase.BEGIN;
  private long mark;
  private byte[] trailing = NOTHING;

  /** Makes one, to be begun. */
  public TlsUnwrap(TlsSession session) {
    super(session);
  }

  /** Begins; {@link #end} must follow. */
  public void begin() {
    session.sending.enter();
    try {
      session.receiving.enter();
    } catch (RuntimeException e) {
      session.sending.exit();
      throw e;
    }
  }

  @Override
  public void end() {
    session.receiving.exit();
    session.sending.exit();
  }

  /**
   * What came behind the peer's close_notify.
   *
   * @return not TLS; maybe empty
   */
  public byte[] trailing() {
    return trailing;
  }

  @Override
  Need step() throws IOException {
    if (phase == Phase.BEGIN) {
      session.lifecycle.ensureUsable();
      if (!session.isHandshaken()) {
        return handshakeFirst();
      }
      phase = Phase.CLOSE;
    }
    if (phase == Phase.CLOSE) {
      if (session.closeOutbound(false) != TlsNeed.NOTHING) {
        return waitFor(session.engineTurn);
      }
      mark = session.mark();
      phase = Phase.FLUSH;
    }
    if (phase == Phase.FLUSH) {
      Need unsent = flush(mark);
      if (unsent != null) {
        return unsent;
      }
      phase = Phase.LISTEN;
    }
    Need unmet = awaitCloseNotify(false);
    if (unmet != null) {
      return unmet;
    }
    trailing = session.unwrapped();
    return Need.DONE;
  }

  @Override
  boolean goesOn(Need during, Throwable e) {
    givenUp(during, e);
    return false;
  }

  @Override
  void givenUp(Need during, Throwable e) {
    if (phase != Phase.BEGIN) {
      session.cutShort("leaving TLS was cut short", e);
    }
  }
}
