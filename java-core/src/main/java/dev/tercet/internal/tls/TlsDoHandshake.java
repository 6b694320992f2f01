package dev.tercet.internal.tls;

import java.io.IOException;

/** Does the handshake, or waits for the task that is doing it. */
public final class TlsDoHandshake extends TlsOperation {
  private boolean isBegun;

  /** Makes one that has not begun. */
  public TlsDoHandshake(TlsSession session) {
    super(session);
  }

  @Override
  Need step() throws IOException {
    if (session.isHandshaken()) {
      if (isBegun) {
        session.lifecycle.ensureWhole();
      } else {
        session.lifecycle.ensureUsable();
      }
      return Need.DONE;
    }
    session.lifecycle.ensureUsable();
    isBegun = true;
    return handshakeFirst();
  }
}
