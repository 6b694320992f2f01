package dev.tercet.internal.tls;

import dev.tercet.BrokenResourceException;
import dev.tercet.TooSlowException;
import dev.tercet.internal.text.Durations;
import dev.tercet.internal.tls.TlsSession.Choice;
import dev.tercet.proto.tls.TlsAlert;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The handshake, by the one task that does it: within its limit, and for a server that chooses its
 * configuration in three parts. Until the ClientHello is there one limit counts, behind the choice
 * that of the configuration; the user may take any time for the choice, about which the peer cannot
 * do anything (spec TLS-N2).
 */
public final class Handshake extends TlsOperation {
  /** What comes next. */
  private enum Phase {
    HEAR,
    ASK,
    CHOOSE,
    SHAKE,
    TOO_SLOW,
    OVER
  }

  private final @Nullable Object event = TlsEvents.begin();
  private Phase phase;

  /** The limit of the part that is under way. */
  private @Nullable Duration allowed;

  private @Nullable BrokenResourceException tooSlow;

  /** Makes one that has not begun. */
  public Handshake(TlsSession session) {
    super(session);
    this.phase = session.isChoosing() ? Phase.HEAR : Phase.SHAKE;
  }

  @Override
  Need step() throws IOException {
    switch (phase) {
      case HEAR, SHAKE -> {
        allowed = session.handshakeTimeout();
        return within(allowed, new HandshakeSteps(session, phase == Phase.HEAR));
      }
      case ASK -> {
        phase = Phase.CHOOSE;
        return Need.ASK;
      }
      case CHOOSE -> {
        // Once, and off the loop: an engine is made.
        phase = Phase.SHAKE;
        return Need.COMPUTE;
      }
      case TOO_SLOW -> {
        phase = Phase.OVER;
        return Need.ABANDON;
      }
      case OVER -> {
        BrokenResourceException tooSlow = this.tooSlow;
        if (tooSlow != null) {
          throw tooSlow;
        }
        return Need.DONE;
      }
    }
    throw new IllegalStateException("there is no phase " + phase);
  }

  @Override
  public void compute() throws IOException {
    Choice choice = session.takeChoice();
    if (choice == null) {
      throw new IllegalStateException("nothing was chosen");
    }
    TlsServerConfig config = choice.config();
    if (config == null) {
      String name = choice.hello().serverName();
      String reason =
          name == null
              ? "the ClientHello has no server name (SNI), and no configuration is chosen for that"
              : "no server is chosen for the name \"" + name + "\"";
      session.refuse(TlsAlert.UNRECOGNIZED_NAME, reason, new SSLException(reason));
      session.lifecycle.ensureUsable();
      return;
    }
    SessionTerms chosen = SessionTerms.server(config);
    if (!session.use(chosen)) {
      chosen.release();
      session.lifecycle.ensureOpen();
    }
  }

  @Override
  void partEnded(boolean expired) {
    Duration limit = allowed;
    if (expired && limit != null) {
      tooSlow = tooSlow(limit);
      phase = Phase.TOO_SLOW;
    } else {
      phase = phase == Phase.HEAR ? Phase.ASK : Phase.OVER;
    }
  }

  private BrokenResourceException tooSlow(Duration limit) {
    String what =
        session.isChoosing()
            ? "the ClientHello was not there"
            : "the TLS handshake was not finished";
    BrokenResourceException e =
        new BrokenResourceException(
            what + " within " + Durations.text(limit), new TooSlowException(limit));
    session.lifecycle.breakAfterAll(e);
    return e;
  }

  @Override
  boolean goesOn(Need during, Throwable e) {
    if (during == Need.ASK || during == Need.COMPUTE) {
      SSLException failed = new SSLException("choosing a configuration has failed", e);
      session.refuse(TlsAlert.INTERNAL_ERROR, String.valueOf(failed.getMessage()), failed);
      return failsAfterAlert(e);
    }
    return (e instanceof BrokenResourceException || e instanceof Error) && failsAfterAlert(e);
  }

  @Override
  void givenUp(Need during, Throwable e) {
    if (during == Need.ASK || during == Need.COMPUTE) {
      session.lifecycle.breakBy(HandshakeSteps.CUT_SHORT, e);
    }
  }

  @Override
  void over(@Nullable Throwable failure, boolean isCancelled) {
    TlsEvents.handshakeEnded(event, session, failure, isCancelled);
  }
}
