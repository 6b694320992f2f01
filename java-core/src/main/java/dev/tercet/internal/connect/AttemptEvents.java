package dev.tercet.internal.connect;

import dev.tercet.AddressText;
import dev.tercet.ConnectAttempt;
import dev.tercet.internal.event.Recorder;
import org.jspecify.annotations.Nullable;

/** The events of attempts, for the {@linkplain Recorder flight recorder}. */
final class AttemptEvents {
  private AttemptEvents() {}

  /**
   * An attempt begins.
   *
   * @return its event, null when nobody records
   */
  static @Nullable Object begin() {
    return Recorder.isOn() ? Recorder.begin(Events::begin) : null;
  }

  /**
   * An attempt has ended.
   *
   * @param event what {@link #begin} returned
   */
  static void end(@Nullable Object event, String host, ConnectAttempt attempt) {
    if (event != null) {
      Recorder.commit(() -> Events.end((AttemptEvent) event, host, attempt));
    }
  }

  /** Loaded only when there are recordings. */
  private static final class Events {
    static @Nullable Object begin() {
      AttemptEvent event = new AttemptEvent();
      if (!event.isEnabled()) {
        return null;
      }
      event.begin();
      return event;
    }

    static void end(AttemptEvent event, String host, ConnectAttempt attempt) {
      event.end();
      if (event.shouldCommit()) {
        event.host = host;
        event.address = AddressText.of(attempt.address());
        event.why = attempt.why();
        event.outcome = attempt.outcome().name();
        event.error = attempt.reason();
        event.commit();
      }
    }
  }
}
