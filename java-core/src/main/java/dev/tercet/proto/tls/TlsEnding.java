package dev.tercet.proto.tls;

import dev.tercet.BrokenResourceException;
import dev.tercet.internal.text.PeerErrors;
import dev.tercet.tls.TlsAlertException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * How a session ends, and what the peer is told: close_notify, an alert, or nothing.
 *
 * <p><b>The problem.</b> Only the engine can encrypt an alert, and it cannot be asked for one. What
 * it has to say, it hands out when it is asked to wrap nothing; some throw once more before that
 * (spec TLS-R-i), and one that does not know that it has failed hands out the rest of its
 * handshake.
 *
 * <p><b>The strategy.</b> The engine is asked a few times, and its output is looked at. In the
 * handshake only an alert counts. Where the engine has none, this side puts one in plaintext, as
 * long as there are no keys (spec TLS-B19).
 *
 * <p>Not thread-safe; the caller holds the session lock.
 */
final class TlsEnding {
  /** More records than any engine needs for its alert or close_notify, with a flight before it. */
  private static final int MAX_LAST_WORDS = 8;

  private final boolean server;
  private final TlsState state;
  private final TlsOutbox outbox;
  private final KeysInUse keys;

  /** Some engines want an array of at least one buffer, to wrap nothing (spec TLS-R-g). */
  private final ByteBuffer[] nothing = {ByteBuffer.allocate(0)};

  /** Null until one is chosen. */
  private @Nullable SSLEngine engine;

  TlsEnding(boolean server, TlsState state, TlsOutbox outbox, KeysInUse keys) {
    this.server = server;
    this.state = state;
    this.outbox = outbox;
    this.keys = keys;
  }

  void use(SSLEngine engine) {
    this.engine = engine;
  }

  /** The close_notify, or what is left of it to say. */
  void close() {
    state.close();
    closeOutbound();
    outbox.makeUrgent();
  }

  /** Fails, since the engine has; it knows what to tell the peer, or else this side does. */
  void fail(Throwable e) {
    if (state.hasFailed()) {
      return;
    }
    SSLException cause =
        PeerErrors.harmless(
            e instanceof SSLException known ? known : new SSLException("the TLS engine failed", e));
    String alert = TlsWords.peerAlert(cause);
    state.fail(
        new BrokenResourceException(
            TlsWords.of(cause, state.isHandshaken()),
            alert == null ? cause : new TlsAlertException(alert, cause)));
    if (!lastWords() && alert == null) {
      tell(TlsAlert.of(e));
    }
    outbox.makeUrgent();
  }

  /** Fails for a reason of this side's, which the engine does not know. */
  void fail(String reason, TlsAlert alert) {
    if (failFor(reason)) {
      if (!lastWords()) {
        tell(alert);
      }
      outbox.makeUrgent();
    }
  }

  /** Fails after the handshake, over what an engine would have put up with. */
  void refuse(String reason) {
    if (state.isHandshaken()) {
      // No engine gives an alert on request, but each can send close_notify.
      close();
    }
    fail(reason, TlsAlert.UNEXPECTED_MESSAGE);
  }

  /** Fails since the peer has ended the conversation; there is nothing to tell it. */
  void failByEnd(String reason) {
    if (failFor(reason)) {
      boolean unused = lastWords();
      outbox.makeUrgent();
    }
  }

  /** Returns false when it has failed before. */
  private boolean failFor(String reason) {
    if (state.hasFailed()) {
      return false;
    }
    SSLException cause = new SSLException(reason);
    state.fail(new BrokenResourceException(TlsWords.of(cause, state.isHandshaken()), cause));
    return true;
  }

  /** Fails without a word to the peer, who would not understand it or is gone. */
  void failSilently(String reason, Exception cause) {
    state.fail(new BrokenResourceException(reason, cause));
    outbox.discard();
  }

  /** Fails before there is an engine that could tell the peer why. */
  void failWithoutEngine(TlsAlert alert, String reason, Exception cause) {
    state.fail(new BrokenResourceException(reason, cause));
    put(alert);
  }

  /** Closes both halves, for engines that hold memory of their own until then. */
  void closeEngine() {
    if (engine == null) {
      outbox.discard();
      return;
    }
    closeOutbound();
    outbox.discard();
    try {
      engine.closeInbound();
    } catch (SSLException | RuntimeException e) {
      // Engines complain that the peer has not sent close_notify. That is known, and told
      // elsewhere.
    }
  }

  /**
   * Tells the peer why it failed, when the engine has no alert to give: in plaintext, as long as
   * there are no keys (spec TLS-B19). With keys, a client can still have its engine close, which
   * the server takes for the end of a handshake; behind a server's last word it would be a clean
   * end.
   */
  private void tell(TlsAlert alert) {
    if (state.isHandshaken() || state.isClosed()) {
      return;
    }
    if (!keys.areSeen()) {
      put(alert);
    } else if (!server) {
      closeOutbound();
    }
  }

  private void put(TlsAlert alert) {
    byte[] record = alert.record();
    outbox.space(record.length).put(record);
    outbox.filled(record.length);
  }

  private void closeOutbound() {
    try {
      engine().closeOutbound();
    } catch (RuntimeException e) {
      // It is closed all the same, as far as this side is concerned.
    }
    boolean unused = lastWords();
  }

  /**
   * Collects the alert or close_notify; some engines throw once more before they hand it out.
   *
   * @return whether there was one
   */
  private boolean lastWords() {
    int collected = 0;
    boolean alert = false;
    for (int i = 0; i < MAX_LAST_WORDS && !state.isOutboundDone(); i++) {
      try {
        ByteBuffer out = outbox.space(engine().getSession().getPacketBufferSize());
        int start = out.position();
        SSLEngineResult result = engine().wrap(nothing, out);
        int produced = out.position() - start;
        alert |= produced > 0 && out.get(start) == RecordHeader.ALERT;
        collected += produced;
        outbox.filled(produced);
        if (result.getStatus() == Status.CLOSED) {
          state.outboundDone();
        }
        if (produced == 0 && result.getStatus() != Status.OK) {
          break;
        }
      } catch (SSLException | RuntimeException e) {
        // The failure is known; this is about what to tell the peer.
      }
    }
    if (!state.isHandshaken() && !alert && !state.isOutboundDone()) {
      // An engine that does not know that it has failed: what it has is more of its handshake.
      outbox.unfill(collected);
      return false;
    }
    return collected > 0;
  }

  private SSLEngine engine() {
    if (engine == null) {
      throw new IllegalStateException("no engine has been chosen");
    }
    return engine;
  }
}
