package dev.tercet.internal.tls;

import dev.tercet.proto.tls.TlsNeed;
import java.io.IOException;

/** Sends close_notify, and lets receiving go on: the half-close of TLS 1.3. */
public final class TlsSendEof extends TlsOperation {
  private boolean isClosed;
  private long mark;

  /** Makes one, to be begun. */
  public TlsSendEof(TlsSession session) {
    super(session);
  }

  /** Begins; {@link #end} must follow. */
  public void begin() {
    session.sending.enter();
  }

  @Override
  public void end() {
    session.sending.exit();
  }

  @Override
  Need step() throws IOException {
    if (!isClosed) {
      if (session.lifecycle.isEofSent()) {
        return Need.DONE;
      }
      session.lifecycle.ensureUsable();
      if (!session.isHandshaken()) {
        return handshakeFirst();
      }
      TlsNeed need = session.closeOutbound(true);
      if (need != TlsNeed.NOTHING) {
        return waitFor(session.engineTurn);
      }
      isClosed = true;
      mark = session.mark();
    }
    Need unsent = flush(mark);
    return unsent == null ? Need.DONE : unsent;
  }
}
