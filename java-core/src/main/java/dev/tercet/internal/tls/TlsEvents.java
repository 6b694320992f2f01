package dev.tercet.internal.tls;

import dev.tercet.AddressText;
import dev.tercet.ResourceException;
import dev.tercet.internal.event.Recorder;
import dev.tercet.tls.TlsAlertException;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsTruncatedException;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The events of TLS sessions, for the {@linkplain Recorder flight recorder}: the handshake, and the
 * end of what was established.
 *
 * <p>Durations are of the real clock, also in a simulation.
 */
final class TlsEvents {
  private TlsEvents() {}

  /** How a handshake ended. */
  enum Outcome {
    ESTABLISHED,
    FAILED,
    /** The caller was cancelled, or another attempt has won the race. */
    CANCELLED
  }

  /** How an established session ended. */
  private enum Reason {
    /** This side has closed first, with close_notify or without. */
    CLOSED,
    /** The peer's close_notify came first. */
    PEER_CLOSED,
    /** Both have left TLS, and go on without it. */
    UNWRAPPED,
    /** The transport has ended without the peer's close_notify. */
    TRUNCATED,
    /** The peer has sent an alert. */
    PEER_ALERT,
    /** Anything else that was wrong. */
    BROKEN
  }

  /**
   * A handshake begins.
   *
   * @return its event, null when nobody records
   */
  static @Nullable Object begin() {
    return Recorder.isOn() ? Recorder.begin(Events::begin) : null;
  }

  /**
   * A handshake has ended.
   *
   * @param event what {@link #begin} returned
   * @param failure null when it is established
   * @param isCancelled whether it was given up
   */
  static void handshakeEnded(
      @Nullable Object event,
      TlsSession session,
      @Nullable Throwable failure,
      boolean isCancelled) {
    if (event != null) {
      Outcome outcome =
          isCancelled ? Outcome.CANCELLED : failure == null ? Outcome.ESTABLISHED : Outcome.FAILED;
      Recorder.commit(
          () -> Events.commitHandshake((TlsHandshakeEvent) event, session, outcome, failure));
    }
  }

  /**
   * An established session has ended. Session lock held.
   *
   * @param closeNotifySent whether that of this side is out
   * @param closeNotifyReceived whether that of the peer has come
   * @param peerFirst whether it came before that of this side
   */
  static void ended(
      TlsSession session, boolean closeNotifySent, boolean closeNotifyReceived, boolean peerFirst) {
    if (Recorder.isOn()) {
      Recorder.commit(
          () -> Events.commitEnd(session, closeNotifySent, closeNotifyReceived, peerFirst));
    }
  }

  /** Loaded only when there are recordings. */
  private static final class Events {
    static @Nullable Object begin() {
      TlsHandshakeEvent event = new TlsHandshakeEvent();
      if (!event.isEnabled()) {
        return null;
      }
      event.begin();
      return event;
    }

    static void commitHandshake(
        TlsHandshakeEvent event, TlsSession session, Outcome outcome, @Nullable Throwable failure) {
      event.end();
      if (event.shouldCommit()) {
        event.peer = peer(session);
        event.host = session.serverHostname();
        event.role = role(session);
        event.outcome = outcome.name();
        if (failure == null) {
          TlsInfo info = session.info("the facts of the recording");
          event.version = info.version();
          event.cipherSuite = info.cipherSuite();
          event.alpn = info.alpn();
          event.isResumed = info.sessionReused();
        } else if (outcome == Outcome.FAILED) {
          event.alert = alert(failure.getCause());
          event.error = Recorder.text(failure);
        }
        event.commit();
      }
    }

    static void commitEnd(
        TlsSession session,
        boolean closeNotifySent,
        boolean closeNotifyReceived,
        boolean peerFirst) {
      TlsEndEvent event = new TlsEndEvent();
      if (event.shouldCommit()) {
        ResourceException failure = session.lifecycle.failure();
        event.peer = peer(session);
        event.host = session.serverHostname();
        event.role = role(session);
        event.reason = reason(session, failure, peerFirst).name();
        event.closeNotifySent = closeNotifySent;
        event.closeNotifyReceived = closeNotifyReceived;
        if (failure != null) {
          event.alert = alert(failure.getCause());
          event.error = Recorder.text(failure);
        }
        event.commit();
      }
    }

    private static Reason reason(
        TlsSession session, @Nullable ResourceException failure, boolean peerFirst) {
      if (session.lifecycle.isUnwrapped()) {
        return Reason.UNWRAPPED;
      }
      if (failure == null) {
        return session.isTruncated()
            ? Reason.TRUNCATED
            : peerFirst ? Reason.PEER_CLOSED : Reason.CLOSED;
      }
      if (failure.getCause() instanceof TlsTruncatedException) {
        return Reason.TRUNCATED;
      }
      return alert(failure.getCause()) == null ? Reason.BROKEN : Reason.PEER_ALERT;
    }

    private static @Nullable String alert(@Nullable Throwable cause) {
      return cause instanceof TlsAlertException told ? told.alert() : null;
    }

    private static @Nullable String peer(TlsSession session) {
      SocketAddress peer = session.peer();
      return peer == null ? null : AddressText.of(peer);
    }

    private static String role(TlsSession session) {
      return session.role() == TlsRole.CLIENT ? "client" : "server";
    }
  }
}
