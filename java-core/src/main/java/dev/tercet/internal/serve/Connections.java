package dev.tercet.internal.serve;

import dev.tercet.ServeReport;
import dev.tercet.internal.log.Log;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.internal.wait.Waiter;
import dev.tercet.internal.wait.Waking;
import dev.tercet.proto.serve.ServeMachine;
import dev.tercet.proto.serve.ServeMachine.Admission;
import dev.tercet.proto.serve.ServeMachine.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A {@link ServeMachine} with the lock around it and places to wait in, for the drivers of both
 * languages.
 *
 * <p><i>Thread-safety:</i> any thread. Waiters are woken without the lock held.
 */
public final class Connections {
  private static final Log LOG = Log.of("dev.tercet.serve");

  /** Guarded by this. */
  private final ServeMachine machine;

  /** Guarded by this. */
  private final List<Waiting> waiting = new ArrayList<>();

  private final WaitPlace room = new Place(ServeMachine::hasRoom);
  private final WaitPlace idle = new Place(ServeMachine::isIdle);

  /**
   * Makes the connections of a server, none yet.
   *
   * @param maxConnections how many handlers at a time, at least 1
   * @param listeners how many accept for it
   */
  public Connections(int maxConnections, int listeners) {
    this.machine = new ServeMachine(maxConnections, listeners);
  }

  /**
   * Where to wait until there is, perhaps, a place for one more connection.
   *
   * @return a place; who is woken asks again
   */
  public WaitPlace room() {
    return room;
  }

  /**
   * Where to wait until no handler is left.
   *
   * @return a place; who is woken asks again
   */
  public WaitPlace idle() {
    return idle;
  }

  /**
   * Whether there is a place for one more connection.
   *
   * @return false when full
   */
  public synchronized boolean hasRoom() {
    return machine.hasRoom();
  }

  /**
   * Whether no handler is left.
   *
   * @return true when none is active
   */
  public synchronized boolean isIdle() {
    return machine.isIdle();
  }

  /** Takes a place for a connection that was accepted. */
  public synchronized Admission begin() {
    return machine.begin();
  }

  /** The stop signal was given: when this returns no connection begins any more. */
  public synchronized void stop() {
    machine.stop();
  }

  /**
   * A listener has come to its {@link Ending}.
   *
   * @return true when it was the last one, so that the server is over
   */
  public synchronized boolean listenerEnded() {
    return machine.listenerEnded();
  }

  /**
   * Whether the handlers that are left have only the drain time.
   *
   * @return false when nobody has stopped the server, and all listeners have ended
   */
  public synchronized boolean isDrainLimited() {
    return machine.isDrainLimited();
  }

  /** A connection that had taken a place has ended. */
  public void ended(Outcome outcome) {
    List<Waiting> due;
    synchronized (this) {
      machine.ended(outcome);
      due = waiting.stream().filter(one -> one.until.test(machine)).toList();
      waiting.removeAll(due);
    }
    due.forEach(one -> Waking.wake(one.waiter));
  }

  /** The counts so far. */
  public synchronized ServeReport report() {
    return machine.report();
  }

  /**
   * Logs that a server pauses, out of descriptors, threads or memory (spec IO-SV6).
   *
   * @param listener which one could not accept, or not start a handler
   */
  public static void logPause(Object listener, Throwable e) {
    LOG.error(e, listener, " cannot accept: ", e.getMessage(), "; retrying in 0.1 seconds");
  }

  private record Waiting(Waiter waiter, Predicate<ServeMachine> until) {}

  private final class Place implements WaitPlace {
    private final Predicate<ServeMachine> until;

    Place(Predicate<ServeMachine> until) {
      this.until = until;
    }

    @Override
    public void install(Waiter waiter) {
      synchronized (Connections.this) {
        if (!until.test(machine)) {
          waiting.add(new Waiting(waiter, until));
          return;
        }
      }
      waiter.wake();
    }

    @Override
    public boolean uninstall(Waiter waiter) {
      synchronized (Connections.this) {
        return waiting.removeIf(one -> one.waiter == waiter);
      }
    }
  }
}
