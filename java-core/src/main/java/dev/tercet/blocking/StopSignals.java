package dev.tercet.blocking;

import dev.tercet.PosixSignal;
import dev.tercet.StopSignal;
import dev.tercet.internal.signal.SignalRegistry;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Waits for a signal to stop, and signals of the process that stop. Kotlin's twin: StopSignals.kt.
 */
final class StopSignals {
  private StopSignals() {}

  static void await(StopSignal stop) throws InterruptedException {
    Parking.refuseOnLoop();
    Parking.checkpoint();
    Latch stopped = new Latch();
    StopSignal.Registration registration = stop.onStop(stopped::open);
    try {
      Parking.await(stopped);
    } finally {
      registration.close();
    }
  }

  static <T extends @Nullable Object> T stopOnSignals(
      SignalRegistry registry, StoppableCall<T> body, PosixSignal... signals)
      throws IOException, InterruptedException {
    PosixSignal[] which =
        signals.length == 0 ? new PosixSignal[] {PosixSignal.INT, PosixSignal.TERM} : signals;
    StopSignal stop = new StopSignal();
    SignalReceiver receiver = SignalReceiver.open(registry, which);
    try {
      return Nursery.call(
          nursery -> {
            nursery.startSoon(
                () -> {
                  PosixSignal unused = receiver.receive();
                  receiver.close();
                  stop.stop();
                });
            T result = body.call(stop);
            nursery.cancelChildren();
            return result;
          });
    } finally {
      receiver.close();
    }
  }
}
