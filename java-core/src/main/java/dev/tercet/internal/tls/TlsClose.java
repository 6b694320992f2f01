package dev.tercet.internal.tls;

import dev.tercet.proto.tls.TlsNeed;
import java.io.IOException;
import java.time.Duration;

/**
 * The graceful end: sends close_notify if it is owed and nobody is in the way, and waits for that
 * of the peer if the configuration says so. Whatever comes of it, the transport can be closed then:
 * errors of the transport are no errors of this, since the peer is gone and nothing is lost by it.
 */
public final class TlsClose extends TlsOperation {
  private enum Phase {
    SEND,
    LISTEN,
    OVER
  }

  private Phase phase = Phase.SEND;

  /** Makes one that has not begun. */
  public TlsClose(TlsSession session) {
    super(session);
  }

  @Override
  Need step() throws IOException {
    if (phase == Phase.SEND) {
      if (!session.owesCloseNotify()) {
        return Need.DONE;
      }
      if (session.closeOutbound(false) != TlsNeed.NOTHING) {
        return waitFor(session.engineTurn);
      }
      if (!enterSend()) {
        // Another task is sending, and may be stuck.
        return Need.DONE;
      }
      phase = Phase.LISTEN;
      Need send = sendOutput();
      if (send != null) {
        return send;
      }
    }
    Duration patience = session.closeNotifyReadTimeout();
    if (phase == Phase.OVER || patience.isZero() || session.lifecycle.isBroken()) {
      return Need.DONE;
    }
    phase = Phase.OVER;
    return within(patience, new AwaitCloseNotify(session));
  }

  @Override
  boolean goesOn(Need during, Throwable e) {
    if (phase == Phase.SEND) {
      phase = Phase.LISTEN;
    }
    return e instanceof IOException;
  }
}
