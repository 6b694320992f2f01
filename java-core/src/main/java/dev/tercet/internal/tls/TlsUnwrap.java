package dev.tercet.internal.tls;

import dev.tercet.proto.tls.TlsNeed;
import java.io.IOException;

/** Leaves TLS: close_notify is sent, that of the peer is received, and the transport lives on. */
public final class TlsUnwrap extends TlsOperation {
  private static final byte[] NOTHING = {};

  private boolean isLeaving;
  private boolean isClosed;
  private boolean isSent;
  private long mark;
  private byte[] trailing = NOTHING;

  TlsUnwrap(TlsSession session) {
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
    if (!isLeaving) {
      session.lifecycle.ensureUsable();
      if (!session.isHandshaken()) {
        return handshakeFirst();
      }
      isLeaving = true;
    }
    if (!isClosed) {
      if (session.closeOutbound(false) != TlsNeed.NOTHING) {
        return waitFor(session.engineTurn);
      }
      isClosed = true;
      mark = session.mark();
    }
    if (!isSent) {
      Need unsent = flush(mark);
      if (unsent != null) {
        return unsent;
      }
      isSent = true;
    }
    while (true) {
      TlsNeed need = session.awaitCloseNotify(false);
      if (need == TlsNeed.NOTHING) {
        trailing = session.unwrapped();
        return Need.DONE;
      }
      Need unmet = meet(need, session.urgentMark());
      if (unmet != null) {
        return unmet;
      }
    }
  }

  @Override
  boolean goesOn(Need during, Throwable e) {
    givenUp(during, e);
    return false;
  }

  @Override
  void givenUp(Need during, Throwable e) {
    if (isLeaving) {
      session.cutShort("leaving TLS was cut short", e);
    }
  }
}
