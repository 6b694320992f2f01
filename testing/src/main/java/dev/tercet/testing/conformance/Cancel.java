package dev.tercet.testing.conformance;

import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.IoAction;
import java.io.IOException;
import java.time.Duration;

/** The two ways in which a thread is cancelled. */
enum Cancel {
  /** The thread is interrupted. */
  INTERRUPT {
    @Override
    void cancel(CheckTask task) {
      task.interrupt();
    }

    @Override
    boolean returns(IoAction operation) throws IOException {
      Thread.currentThread().interrupt();
      try {
        operation.run();
        return true;
      } catch (InterruptedException e) {
        Must.hold(
            !Thread.currentThread().isInterrupted(),
            () -> "it threw InterruptedException and left the interrupt flag set");
        return false;
      } finally {
        Thread.interrupted();
      }
    }
  },

  /** A scope around it is cancelled, or its time is over. */
  SCOPE {
    @Override
    void cancel(CheckTask task) {
      task.cancelScope();
    }

    @Override
    boolean returns(IoAction operation) throws IOException, InterruptedException {
      return !CancelScope.moveOnAfter(Duration.ZERO).run(operation);
    }
  };

  /** Cancels a task in this way. */
  abstract void cancel(CheckTask task);

  /**
   * Runs an operation on the calling thread, cancelled in this way already. False when it threw the
   * cancellation; what else it throws comes out.
   */
  abstract boolean returns(IoAction operation) throws IOException, InterruptedException;
}
