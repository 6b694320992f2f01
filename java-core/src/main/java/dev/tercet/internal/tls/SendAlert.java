package dev.tercet.internal.tls;

/** Tries to send an alert to the peer of a session that has failed. */
final class SendAlert extends TlsOperation {
  private boolean isTaken;

  SendAlert(TlsSession session) {
    super(session);
  }

  @Override
  Need step() {
    if (isTaken) {
      return Need.DONE;
    }
    if (!enterSend()) {
      return waitFor(session.sendTurn);
    }
    isTaken = true;
    Need send = sendOutput();
    return send == null ? Need.DONE : send;
  }

  @Override
  public boolean isCourtesy() {
    return true;
  }
}
