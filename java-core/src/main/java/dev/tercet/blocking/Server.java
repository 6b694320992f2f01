package dev.tercet.blocking;

import dev.tercet.Resource;
import dev.tercet.ServeReport;
import dev.tercet.StopSignal;
import dev.tercet.internal.nio.AcceptErrors;
import dev.tercet.internal.nio.AcceptPause;
import dev.tercet.internal.serve.Connections;
import dev.tercet.internal.serve.Drain;
import dev.tercet.internal.serve.Ending;
import dev.tercet.internal.serve.IdleSweep;
import dev.tercet.internal.serve.ServeEvents;
import dev.tercet.internal.serve.ServedBelow;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import dev.tercet.proto.serve.IdleCount;
import dev.tercet.proto.serve.ServeMachine;
import dev.tercet.proto.serve.ServeMachine.Admission;
import dev.tercet.proto.serve.ServeMachine.Outcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The driver of a server; {@link ServeMachine} decides.
 *
 * <p><b>The problem.</b> A connection must have an owner at every moment, also between accept and
 * the handler, also when no thread can be had for it.
 *
 * <p><b>The strategy.</b> Nothing waits between accept and the start of the task, and it is the
 * task's end, which comes in any case, that closes the connection: the handler returned, threw, was
 * cancelled, or never began.
 *
 * <p>Stopping is not cancelling. The stop signal ends the accept loops and closes the listeners;
 * the handlers go on for the drain time. When all listeners have come to their {@link Ending} the
 * server waits for the handlers as long as it takes.
 *
 * @param <S> the type of the connections
 */
final class Server<S extends Resource> {
  private final List<? extends Listener<? extends S>> listeners;
  private final StreamHandler<? super S> handler;
  private final ServeOptions options;
  private final ServedBelow below;
  private final Connections connections;

  /** The handlers that run. */
  private final Set<Connection> handlers = ConcurrentHashMap.newKeySet();

  Server(
      StreamHandler<? super S> handler,
      List<? extends Listener<? extends S>> listeners,
      ServeOptions options,
      ServedBelow below) {
    this.listeners = listeners;
    this.handler = handler;
    this.options = options;
    this.below = below;
    this.connections = new Connections(options.maxConnections(), listeners.size());
  }

  /** Serves until stopped; {@code onServing} runs when the accept loops have begun. */
  ServeReport serve(Runnable onServing) throws IOException, InterruptedException {
    try {
      check();
      Latch stopped = new Latch();
      StopSignal stop = options.stop();
      StopSignal.Registration registration =
          stop == null ? null : stop.onStop(() -> stopAccepting(stopped));
      try {
        Nursery.run(nursery -> serveUntil(stopped, nursery.spawner(), onServing));
      } finally {
        if (registration != null) {
          registration.close();
        }
      }
    } catch (Throwable failure) {
      listeners.forEach(listener -> closeAfter(failure, listener));
      throw failure;
    }
    return connections.report();
  }

  /** Runs on the thread that gives the signal. */
  private void stopAccepting(Latch stopped) {
    connections.stop();
    stopped.open();
  }

  private void check() {
    if (listeners.isEmpty()) {
      throw new IllegalArgumentException("there are no listeners to serve");
    }
    Nursery chosen = options.handlerNursery();
    if (chosen != null && chosen.spawner().isClosed()) {
      throw new IllegalStateException("the handler nursery is closed: " + chosen);
    }
    Set<Object> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Listener<? extends S> listener : listeners) {
      if (!distinct.add(listener)) {
        throw new IllegalArgumentException("a listener was given twice: " + listener);
      }
      if (options.idleTimeout() != null && !below.countsBytes(listener)) {
        throw new IllegalArgumentException(
            "idleTimeout is for sockets and DTLS only, not for " + listener);
      }
    }
  }

  private void serveUntil(Latch stopped, TaskSpawner nursery, Runnable onServing)
      throws IOException, InterruptedException {
    Latch allEnded = new Latch();
    AtomicInteger running = new AtomicInteger(listeners.size());
    List<TaskSpawner.Task> loops = new ArrayList<>();
    for (Listener<? extends S> listener : listeners) {
      loops.add(
          nursery.spawn(
              () -> {
                if (acceptUntilStopped(listener, nursery) && connections.listenerEnded()) {
                  stopped.open();
                }
              },
              () -> {
                if (running.decrementAndGet() == 0) {
                  allEnded.open();
                }
              }));
    }
    Duration idleTimeout = options.idleTimeout();
    TaskSpawner.Task sweep =
        idleTimeout == null
            ? null
            : nursery.spawn(
                () -> Driver.waiting().run(new IdleSweep(idleTimeout, this::cancelIdle)), () -> {});
    onServing.run();
    Parking.await(stopped);
    loops.forEach(TaskSpawner.Task::cancel);
    Parking.await(allEnded);
    for (Listener<? extends S> listener : listeners) {
      // Again: in the cancelled accept loop it may have been cut short.
      listener.close();
    }
    Driver.waiting().run(new Drain(connections, options.drain(), this::cancelAll));
    if (sweep != null) {
      sweep.cancel();
    }
  }

  /**
   * Closes the listener at once, and not only when the last handler has ended. Returns whether it
   * has come to its own end.
   */
  private boolean acceptUntilStopped(Listener<? extends S> listener, TaskSpawner nursery)
      throws IOException, InterruptedException {
    boolean hasEnded = false;
    try {
      acceptLoop(listener, nursery);
    } catch (Throwable ended) {
      closeAfter(ended, listener);
      hasEnded = ended instanceof IOException && listener instanceof Ending end && end.hasEnded();
      if (!hasEnded) {
        throw ended;
      }
    }
    listener.close();
    return hasEnded;
  }

  /** Returns only when the server was stopped while a connection came in. */
  private void acceptLoop(Listener<? extends S> listener, TaskSpawner nursery)
      throws IOException, InterruptedException {
    AcceptErrors errors = new AcceptErrors();
    while (true) {
      while (!connections.hasRoom()) {
        Parking.await(connections.room());
      }
      S stream;
      try {
        stream = listener.accept();
      } catch (IOException e) {
        if (!errors.mayPass(e)) {
          throw e;
        }
        pause(listener, e);
        continue;
      } catch (UncheckedIOException | OutOfMemoryError e) {
        // The event loop could not start.
        pause(listener, e);
        continue;
      }
      errors.succeeded();
      if (!begin(stream)) {
        return;
      }
      start(listener, stream, nursery);
    }
  }

  private static void pause(Listener<?> listener, Throwable e)
      throws IOException, InterruptedException {
    Connections.logPause(listener, e);
    Driver.waiting().run(new AcceptPause(listener, e, ServeMachine.ACCEPT_BACKOFF_NANOS));
  }

  /** Returns false when the server was stopped; the connection is closed then. */
  private boolean begin(S stream) throws InterruptedException {
    Admission admission = Admission.HOLD;
    try {
      admission = connections.begin();
      while (admission == Admission.HOLD) {
        // The loop of another listener was faster: this one waits, and is ours until then.
        Parking.await(connections.room());
        admission = connections.begin();
      }
    } finally {
      if (admission != Admission.BEGUN) {
        stream.closeForcefully();
      }
    }
    return admission == Admission.BEGUN;
  }

  /** While no thread can be had, the connection waits for one, and its listener with it. */
  private void start(Listener<? extends S> listener, S stream, TaskSpawner nursery)
      throws IOException, InterruptedException {
    Nursery chosen = options.handlerNursery();
    TaskSpawner spawner = chosen == null ? nursery : chosen.spawner();
    Connection connection = new Connection(listener, stream);
    handlers.add(connection);
    boolean isStarted = false;
    try {
      while (!isStarted) {
        try {
          connection.startedAs(spawner.spawn(connection::handle, connection::end));
          isStarted = true;
        } catch (OutOfMemoryError noThread) {
          pause(listener, noThread);
        }
      }
    } finally {
      if (!isStarted) {
        connection.end();
      }
    }
  }

  private void cancelIdle() {
    for (Connection connection : handlers) {
      LongSupplier bytes = connection.bytes;
      if (bytes != null && connection.hasBeenIdle(bytes.getAsLong())) {
        connection.cancel("idle");
      }
    }
  }

  private void cancelAll() {
    for (Connection connection : handlers) {
      connection.cancel("the drain time is over");
    }
  }

  private static void closeAfter(Throwable failure, Listener<?> listener) {
    try {
      listener.close();
    } catch (CancelledException expired) {
      // Closed all the same; what ended the server is on its way already.
    } catch (IOException | RuntimeException e) {
      if (e != failure) {
        failure.addSuppressed(e);
      }
    }
  }

  /** One connection, its handler and its task. */
  private final class Connection {
    private final S stream;

    /** Looked up now, since a handler may take the stream's transport away. */
    private final @Nullable LongSupplier bytes;

    /** As {@link #bytes}. */
    private final @Nullable SocketAddress peer;

    /** In a recording. */
    private final @Nullable Object event;

    /** Made and used by the one that looks for idle connections, if there is one. */
    private @Nullable IdleCount idle;

    private Outcome outcome = Outcome.CANCELLED;

    /** Guarded by this. */
    private TaskSpawner.@Nullable Task task;

    /** Guarded by this. */
    private boolean cancelled;

    Connection(Listener<?> listener, S stream) {
      this.stream = stream;
      this.bytes = below.bytesOf(stream);
      this.peer = below.peerOf(stream);
      this.event = ServeEvents.begin(listener, peer);
    }

    void startedAs(TaskSpawner.Task task) {
      synchronized (this) {
        this.task = task;
        if (!cancelled) {
          return;
        }
      }
      task.cancel();
    }

    boolean hasBeenIdle(long bytes) {
      if (idle == null) {
        idle = new IdleCount();
      }
      return idle.isIdle(bytes);
    }

    void cancel(String why) {
      ServeEvents.cancelled(event, why);
      TaskSpawner.Task task;
      synchronized (this) {
        cancelled = true;
        task = this.task;
      }
      if (task != null) {
        task.cancel();
      }
    }

    void handle() throws IOException, InterruptedException {
      try {
        handler.handle(stream);
        outcome = Outcome.FINISHED;
      } catch (Throwable e) {
        if (!isCancellation(e)) {
          outcome = Outcome.FAILED;
          ServeEvents.failed(event, e);
          stream.closeForcefully();
          report(e);
        }
      }
    }

    private boolean isCancellation(Throwable e) {
      return Parking.isExpired()
          && (e instanceof CancelledException
              || e instanceof InterruptedException
              || e instanceof InterruptedIOException
              || e instanceof ClosedByInterruptException);
    }

    private void report(Throwable failure) throws IOException, InterruptedException {
      try {
        options.onHandlerError().onError(failure, peer);
      } catch (IOException | InterruptedException | RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IOException("a handler failed", e);
      }
    }

    void end() {
      try {
        stream.closeForcefully();
      } finally {
        handlers.remove(this);
        ServeEvents.end(event, outcome);
        connections.ended(outcome);
      }
    }
  }
}
