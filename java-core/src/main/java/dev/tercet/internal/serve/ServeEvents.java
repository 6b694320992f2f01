package dev.tercet.internal.serve;

import dev.tercet.AddressText;
import dev.tercet.internal.event.Recorder;
import dev.tercet.proto.serve.ServeMachine.Outcome;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** The events of served connections, for the {@linkplain Recorder flight recorder}. */
public final class ServeEvents {
  private ServeEvents() {}

  /**
   * A connection begins.
   *
   * @param listener where it came from, as it is printed
   * @param peer null when it is not known
   * @return its event, null when nobody records
   */
  public static @Nullable Object begin(Object listener, @Nullable SocketAddress peer) {
    return Recorder.isOn() ? Recorder.begin(() -> Events.begin(listener, peer)) : null;
  }

  /**
   * Its handler has failed. {@link #end} must follow.
   *
   * @param event what {@link #begin} returned
   */
  public static void failed(@Nullable Object event, Throwable failure) {
    if (event != null) {
      Recorder.commit(() -> Events.because(event, Recorder.text(failure)));
    }
  }

  /**
   * The server cancels its handler. {@link #end} must follow, and the handler may finish all the
   * same.
   *
   * @param event what {@link #begin} returned
   * @param why in a few words
   */
  public static void cancelled(@Nullable Object event, String why) {
    if (event != null) {
      Recorder.commit(() -> Events.because(event, why));
    }
  }

  /**
   * A connection has ended.
   *
   * @param event what {@link #begin} returned
   */
  public static void end(@Nullable Object event, Outcome outcome) {
    if (event != null) {
      Recorder.commit(() -> Events.end(event, outcome));
    }
  }

  /** Loaded only when there are recordings. */
  private static final class Events {
    static @Nullable Object begin(Object listener, @Nullable SocketAddress peer) {
      ServedConnectionEvent event = new ServedConnectionEvent();
      if (!event.isEnabled()) {
        return null;
      }
      event.listener = String.valueOf(listener);
      event.peer = peer == null ? null : AddressText.of(peer);
      event.begin();
      return event;
    }

    static void because(Object begun, String why) {
      ((ServedConnectionEvent) begun).error = why;
    }

    static void end(Object begun, Outcome outcome) {
      ServedConnectionEvent event = (ServedConnectionEvent) begun;
      event.end();
      if (event.shouldCommit()) {
        event.outcome = outcome.name();
        event.commit();
      }
    }
  }
}
