package dev.tercet.internal.nio;

import dev.tercet.internal.event.Recorder;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Operation;
import dev.tercet.internal.wait.WaitOnce;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The back-off of a listener after an {@linkplain AcceptErrors error}: lets some time pass, and is
 * seen in flight recordings.
 */
public final class AcceptPause extends Operation {
  private final Object listener;
  private final Throwable cause;
  private final Duration length;
  private @Nullable Object event;
  private boolean isOver;

  /**
   * Makes one that has not begun.
   *
   * @param listener whose pause it is, as it is printed
   * @param cause why
   * @param nanos how long
   */
  public AcceptPause(Object listener, Throwable cause, long nanos) {
    this.listener = listener;
    this.cause = cause;
    this.length = Duration.ofNanos(nanos);
  }

  @Override
  public Need next() {
    if (isOver) {
      return Need.DONE;
    }
    event = Recorder.isOn() ? Recorder.begin(Events::begin) : null;
    return Need.WITHIN;
  }

  @Override
  public Operation part() {
    return new WaitOnce(new Latch());
  }

  @Override
  public Duration limit() {
    return length;
  }

  @Override
  public void ended(boolean expired) {
    isOver = true;
    write();
  }

  @Override
  public boolean failed(Throwable e) {
    write();
    return false;
  }

  @Override
  public void cancelled(Throwable e) {
    write();
  }

  private void write() {
    Object begun = event;
    if (begun != null) {
      event = null;
      Recorder.commit(() -> Events.end((AcceptPauseEvent) begun, listener, cause));
    }
  }

  /** Loaded only when there are recordings. */
  private static final class Events {
    static @Nullable Object begin() {
      AcceptPauseEvent event = new AcceptPauseEvent();
      if (!event.isEnabled()) {
        return null;
      }
      event.begin();
      return event;
    }

    static void end(AcceptPauseEvent event, Object listener, Throwable cause) {
      event.end();
      if (event.shouldCommit()) {
        event.listener = String.valueOf(listener);
        event.error = Recorder.text(cause);
        event.commit();
      }
    }
  }
}
