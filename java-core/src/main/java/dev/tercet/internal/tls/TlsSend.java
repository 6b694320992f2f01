package dev.tercet.internal.tls;

import dev.tercet.BrokenResourceException;
import dev.tercet.proto.tls.TlsNeed;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Encrypts data and sends it. A small send takes two steps: one encrypts and says what is to be
 * sent, the other finds that it is.
 */
public final class TlsSend extends TlsOperation {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private ByteBuffer data = NOTHING;
  private boolean isEncrypted;
  private long mark;

  TlsSend(TlsSession session) {
    super(session);
  }

  /**
   * Begins; {@link #end} must follow.
   *
   * @param data advanced by what was encrypted
   */
  public void begin(ByteBuffer data) {
    session.sending.enter();
    reset();
    this.data = data;
    this.isEncrypted = false;
  }

  @Override
  public void end() {
    data = NOTHING;
    session.sending.exit();
  }

  @Override
  Need step() throws IOException {
    while (!isEncrypted) {
      session.lifecycle.ensureCanSend();
      if (!session.isHandshaken()) {
        return handshakeFirst();
      }
      TlsNeed need = session.write(data);
      mark = session.mark();
      isEncrypted = need == TlsNeed.NOTHING;
      if (!isEncrypted) {
        // A full batch is sent even if nobody waits for it.
        Need unmet = meet(need, mark);
        if (unmet != null) {
          return unmet;
        }
      }
    }
    Need unsent = flush(mark);
    return unsent == null ? Need.DONE : unsent;
  }

  @Override
  boolean goesOn(Need during, Throwable e) {
    return e instanceof BrokenResourceException && failsAfterAlert(e);
  }
}
