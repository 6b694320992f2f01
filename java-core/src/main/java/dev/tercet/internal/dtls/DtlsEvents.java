package dev.tercet.internal.dtls;

import dev.tercet.AddressText;
import dev.tercet.internal.event.Recorder;
import dev.tercet.proto.dtls.Association;
import dev.tercet.proto.dtls.Association.State;
import dev.tercet.tls.DtlsChannelStatistics;
import dev.tercet.tls.DtlsInfo;
import org.jspecify.annotations.Nullable;

/**
 * The events of one association, for the {@linkplain Recorder flight recorder}: its handshake, and
 * the end of what was established. While nobody records, a change of the state costs a look at a
 * constant and one at a flag, and a message less than that.
 *
 * <p>What is dropped is in the event of the end, as counts, and has no event of its own: who floods
 * a server must not flood the recording.
 *
 * <p>Durations are of the real clock, also in a simulation.
 *
 * <p>Not thread-safe; the endpoint's lock must be held.
 */
final class DtlsEvents {
  private final Association association;
  private State told = State.WAITING;
  private @Nullable Object handshake;

  DtlsEvents(Association association) {
    this.association = association;
  }

  /** The handshake is about to begin. */
  void handshakeBegins() {
    told = State.HANDSHAKING;
    handshake = Recorder.isOn() ? Recorder.begin(Events::begin) : null;
  }

  /** Something may have changed. */
  void look() {
    State before = told;
    told = association.state();
    if (told == before) {
      return;
    }
    Object begun = handshake;
    if (begun != null) {
      handshake = null;
      Recorder.commit(() -> Events.end((HandshakeEvent) begun, association));
    }
    if (told != State.ESTABLISHED && association.info() != null && Recorder.isOn()) {
      Recorder.commit(() -> Events.commitEnd(association));
    }
  }

  /** Loaded only when there are recordings. */
  private static final class Events {
    static @Nullable Object begin() {
      HandshakeEvent event = new HandshakeEvent();
      if (!event.isEnabled()) {
        return null;
      }
      event.begin();
      return event;
    }

    static void end(HandshakeEvent event, Association association) {
      event.end();
      if (event.shouldCommit()) {
        DtlsInfo info = association.info();
        event.peer = AddressText.of(association.peer());
        event.role = role(association);
        event.retransmits = association.statistics().retransmits();
        if (info == null) {
          event.outcome = association.state().name();
          event.error = error(association);
        } else {
          event.outcome = State.ESTABLISHED.name();
          event.version = info.version();
          event.cipherSuite = info.cipherSuite();
          event.isResumed = info.sessionReused();
        }
        event.commit();
      }
    }

    static void commitEnd(Association association) {
      EndEvent event = new EndEvent();
      if (event.shouldCommit()) {
        DtlsChannelStatistics counters = association.statistics();
        event.peer = AddressText.of(association.peer());
        event.role = role(association);
        event.reason = association.state().name();
        event.overflowed = counters.incomingPacketsDropped();
        event.replayed = counters.replayed();
        event.forged = counters.forged();
        event.malformed = counters.malformed();
        event.error = error(association);
        event.commit();
      }
    }

    private static String role(Association association) {
      return association.hello() == null ? "client" : "server";
    }

    private static @Nullable String error(Association association) {
      Throwable failure = association.failure();
      return failure == null ? null : Recorder.text(failure);
    }
  }
}
