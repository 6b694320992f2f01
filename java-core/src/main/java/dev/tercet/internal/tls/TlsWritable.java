package dev.tercet.internal.tls;

import java.io.IOException;

/** Waits until the transport has room for a send. */
public final class TlsWritable extends TlsOperation {
  private boolean isWaited;

  /** Makes one, to be begun. */
  public TlsWritable(TlsSession session) {
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
    if (isWaited) {
      return Need.DONE;
    }
    session.lifecycle.ensureUsable();
    if (!enterSend()) {
      return waitFor(session.sendTurn);
    }
    isWaited = true;
    return session.lifecycle.isEofSent() ? Need.DONE : Need.WRITABLE;
  }
}
