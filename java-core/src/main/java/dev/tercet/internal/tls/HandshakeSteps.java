package dev.tercet.internal.tls;

import dev.tercet.BrokenResourceException;
import dev.tercet.proto.tls.TlsNeed;
import java.io.IOException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a handshake, to its end or to the choice of a configuration.
 *
 * <p>Each is a computation, since the engine does its arithmetic in any of its calls.
 *
 * <p><b>Why a send has failed.</b> A peer that takes nothing any more may have said why before it
 * hung up. So a handshake whose send has failed listens, for {@link TlsSession#ALERT_TIME}, and
 * fails with what explains most (spec TLS-B7).
 */
final class HandshakeSteps extends TlsOperation {
  static final String CUT_SHORT = "the TLS handshake was cut short";

  private final TlsNeed goal;

  /** Whether it is there only to learn why a send has failed. */
  private final boolean isListening;

  /** What the machine has said, until it is met. */
  private @Nullable TlsNeed looked;

  /** Since then it only listens. */
  private @Nullable IOException sendFailure;

  /** What the caller gets. */
  private @Nullable IOException outcome;

  HandshakeSteps(TlsSession session, boolean untilChoice) {
    this(session, untilChoice ? TlsNeed.CHOOSE : TlsNeed.NOTHING, false);
  }

  private HandshakeSteps(TlsSession session, TlsNeed goal, boolean isListening) {
    super(session);
    this.goal = goal;
    this.isListening = isListening;
  }

  @Override
  Need step() throws IOException {
    if (outcome != null) {
      throw outcome;
    }
    if (sendFailure != null) {
      return within(TlsSession.ALERT_TIME, new HandshakeSteps(session, TlsNeed.NOTHING, true));
    }
    TlsNeed need = looked;
    looked = null;
    if (need == goal) {
      return Need.DONE;
    }
    Need unmet = need == null ? null : meet(need, session.urgentMark());
    return unmet == null ? compute(Need.COMPUTE) : unmet;
  }

  @Override
  public void compute() throws IOException {
    TlsNeed need = session.handshake();
    while (need == TlsNeed.COMPUTE) {
      session.compute();
      need = session.handshake();
    }
    looked = need;
  }

  @Override
  void partEnded(boolean expired) {
    listened(null);
  }

  private void listened(@Nullable IOException heard) {
    IOException cause = sendFailure;
    if (cause != null) {
      IOException told = whyNot(cause, heard);
      session.cutShort(CUT_SHORT, told);
      outcome = told;
    }
  }

  /** What explains most: the peer's alert, or what it sent instead of TLS, before the send. */
  private IOException whyNot(IOException sendFailure, @Nullable IOException heard) {
    if (heard instanceof BrokenResourceException && heard.getCause() instanceof SSLException) {
      heard.addSuppressed(sendFailure);
      return heard;
    }
    if (!session.isHandshaken()) {
      session.lifecycle.breakAfterAll(CUT_SHORT, sendFailure);
    }
    return sendFailure;
  }

  @Override
  boolean goesOn(Need during, Throwable e) {
    if (isListening || e == outcome) {
      return false;
    }
    if (e instanceof IOException failed) {
      if (during == Need.WITHIN) {
        listened(failed);
        return true;
      }
      if (session.lifecycle.isSendBroken() && !session.isHandshaken()) {
        sendFailure = failed;
        return true;
      }
    }
    session.cutShort(CUT_SHORT, e);
    return false;
  }

  @Override
  void givenUp(Need during, Throwable e) {
    if (!isListening) {
      session.cutShort(CUT_SHORT, e);
    }
  }

  @Override
  public boolean isCourtesy() {
    return isListening;
  }
}
