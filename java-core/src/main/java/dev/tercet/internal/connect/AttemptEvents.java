package dev.tercet.internal.connect;

import dev.tercet.AddressText;
import dev.tercet.ConnectAttempt;
import java.io.IOException;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * The events of attempts for Java Flight Recorder, which may be absent: {@code jdk.jfr} is an
 * optional module. Where it is, and while nobody records, an attempt costs a look at a constant and
 * one at a flag.
 *
 * <p>The first event of a process makes the recorder read its metadata, which takes 0.2 s and more
 * on the thread that connects, an event loop's maybe. So none is made before somebody records.
 */
final class AttemptEvents {
  private static final boolean IS_PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private AttemptEvents() {}

  /**
   * An attempt begins.
   *
   * @return its event, null when nobody records
   */
  static @Nullable Object begin() {
    return IS_PRESENT ? Recorder.begin() : null;
  }

  /**
   * An attempt has ended.
   *
   * @param event what {@link #begin} returned
   */
  static void end(@Nullable Object event, String host, ConnectAttempt attempt) {
    if (event != null) {
      Recorder.end(event, host, attempt);
    }
  }

  /** Loaded only where the module is. */
  private static final class Recorder {
    static @Nullable Object begin() {
      if (!FlightRecorder.isInitialized()) {
        return null;
      }
      AttemptEvent event = new AttemptEvent();
      if (!event.isEnabled()) {
        return null;
      }
      event.begin();
      return event;
    }

    static void end(Object begun, String host, ConnectAttempt attempt) {
      AttemptEvent event = (AttemptEvent) begun;
      event.end();
      if (event.shouldCommit()) {
        IOException error = attempt.error();
        event.host = host;
        event.address = AddressText.of(attempt.address());
        event.why = attempt.why();
        event.outcome = attempt.outcome().name();
        event.error = error == null ? null : error.getMessage();
        event.commit();
      }
    }
  }
}
