package dev.tercet.internal.event;

import java.util.function.Supplier;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Java Flight Recorder, which may be absent, and may fail.
 *
 * <p><b>The problem.</b> {@code jdk.jfr} is an optional module. The first event of a process makes
 * the recorder read its metadata, which takes 0.2 s and more on the thread that makes it, an event
 * loop's maybe. And events are made where a connection begins or ends: what is thrown there would
 * end it, or lose it.
 *
 * <p><b>The strategy.</b> Each kind of event has a class of the recorder's and beside it one class
 * that makes it, in these three steps:
 *
 * <ul>
 *   <li>{@link #isOn} is asked first: a constant and a flag. While it is false, nobody has recorded
 *       anything in this JVM; no event is made, and no class of an event is loaded. Of {@code
 *       jdk.jfr} one class is loaded, the one with the flag.
 *   <li>{@link #begin} makes an event, or null when nobody wants it. Null is what the connection
 *       keeps when nobody records.
 *   <li>{@link #commit} fills it in and writes it.
 * </ul>
 *
 * Whatever is thrown in the last two ends here (ADR 82).
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class Recorder {
  private static final boolean IS_PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private Recorder() {}

  /**
   * Whether there has been a recording in this JVM. There need not be one now, or none of an event.
   *
   * @return false where the recorder is absent
   */
  public static boolean isOn() {
    return IS_PRESENT && Flag.isSet();
  }

  /**
   * Makes an event. To be called while it {@link #isOn}.
   *
   * @param make returns null when nobody records this kind
   * @return what was made; null when that has failed
   */
  public static <E> @Nullable E begin(Supplier<? extends @Nullable E> make) {
    try {
      return make.get();
    } catch (Throwable unrecorded) {
      return null;
    }
  }

  /**
   * Writes an event.
   *
   * @param write fills the event in and commits it
   */
  public static void commit(Runnable write) {
    try {
      write.run();
    } catch (Throwable unrecorded) {
      // What it is about is worth more than the recording of it.
    }
  }

  /**
   * A failure as an event has it.
   *
   * @return its message, or the name of its class
   */
  public static String text(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }

  /** Loaded only where the module is. */
  private static final class Flag {
    static boolean isSet() {
      try {
        return FlightRecorder.isInitialized();
      } catch (Throwable e) {
        return false;
      }
    }
  }
}
