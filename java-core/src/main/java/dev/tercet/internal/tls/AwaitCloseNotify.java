package dev.tercet.internal.tls;

import dev.tercet.proto.tls.TlsNeed;
import java.io.IOException;

/** Waits for the peer's close_notify, and drops what comes before it. */
final class AwaitCloseNotify extends TlsOperation {
  AwaitCloseNotify(TlsSession session) {
    super(session);
  }

  @Override
  Need step() throws IOException {
    while (true) {
      TlsNeed need = session.awaitCloseNotify(true);
      if (need == TlsNeed.NOTHING) {
        return Need.DONE;
      }
      Need unmet = meet(need, session.urgentMark());
      if (unmet != null) {
        return unmet;
      }
    }
  }

  @Override
  public boolean isCourtesy() {
    return true;
  }
}
