package dev.tercet.internal.tls;

import dev.tercet.BrokenResourceException;
import dev.tercet.proto.tls.Plaintext;
import dev.tercet.proto.tls.TlsNeed;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Receives decrypted bytes, into a buffer of the caller's or into one that is made when there are
 * some.
 *
 * <p>An answer that the engine owes the peer is sent on the way. If that fails, only sending has
 * failed: what the peer has sent before is received all the same (spec TLS-C5).
 */
public final class TlsReceive extends TlsOperation {
  private static final byte[] NOTHING = {};

  /** Null when memory is to be found. */
  private @Nullable ByteBuffer into;

  private int maxBytes;
  private byte[] bytes = NOTHING;

  TlsReceive(TlsSession session) {
    super(session);
  }

  /**
   * Begins; {@link #end} must follow.
   *
   * @param into advanced by what was received; not advanced at the end
   */
  public void begin(ByteBuffer into) {
    session.receiving.enter();
    reset();
    this.into = into;
  }

  /**
   * Begins, without a buffer while waiting; {@link #end} must follow.
   *
   * @param maxBytes 1 or more
   */
  public void begin(int maxBytes) {
    session.receiving.enter();
    reset();
    this.maxBytes = maxBytes;
    this.bytes = NOTHING;
  }

  /**
   * What was received; before {@link #end}.
   *
   * @return empty at the end
   */
  public byte[] bytes() {
    return bytes;
  }

  @Override
  public void end() {
    into = null;
    bytes = NOTHING;
    session.receiving.exit();
  }

  @Override
  Need step() throws IOException {
    while (true) {
      session.ensureCanReceive();
      if (!session.isHandshaken()) {
        return handshakeFirst();
      }
      TlsNeed need = read();
      if (need == TlsNeed.NOTHING) {
        return Need.DONE;
      }
      Need unmet = meet(need, session.urgentMark());
      if (unmet != null) {
        return unmet;
      }
    }
  }

  private TlsNeed read() throws IOException {
    ByteBuffer into = this.into;
    if (into != null) {
      return session.read(into);
    }
    ByteBuffer scratch = OutputBuffers.HEAP.take(RECEIVE_BYTES);
    try {
      TlsNeed need = session.read(scratch.limit(Math.min(maxBytes, RECEIVE_BYTES)));
      bytes = new byte[scratch.position()];
      scratch.flip().get(bytes);
      return need;
    } finally {
      Plaintext.wipe(scratch);
      OutputBuffers.HEAP.giveBack(scratch);
    }
  }

  @Override
  boolean goesOn(Need during, Throwable e) {
    if (during == Need.SEND && e instanceof IOException) {
      return true;
    }
    return e instanceof BrokenResourceException && failsAfterAlert(e);
  }
}
