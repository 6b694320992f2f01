package dev.tercet.internal.tls;

import java.io.IOException;

/** Waits for the peer's close_notify, and drops what comes before it. */
final class AwaitCloseNotify extends TlsOperation {
  AwaitCloseNotify(TlsSession session) {
    super(session);
  }

  @Override
  Need step() throws IOException {
    Need unmet = awaitCloseNotify(true);
    return unmet == null ? Need.DONE : unmet;
  }

  @Override
  public boolean isCourtesy() {
    return true;
  }
}
