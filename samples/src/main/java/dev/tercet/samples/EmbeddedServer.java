package dev.tercet.samples;

import dev.tercet.*;
import dev.tercet.blocking.*;
import dev.tercet.loop.EventLoop;
import java.io.IOException;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;

/** A server of lines in an application that has threads, metrics and an end of its own. */
public final class EmbeddedServer {
  private final StopSignal stop = new StopSignal();
  private final LongAdder requests = new LongAdder();
  private final UnaryOperator<String> application;
  private final List<SocketListener> listeners;
  private final FutureTask<ServeReport> serving;

  /** Listens before it returns, so that a port that is taken is the caller's exception. */
  public EmbeddedServer(int port, ThreadFactory threads, UnaryOperator<String> application)
      throws IOException, InterruptedException {
    this.application = application;
    listeners = Net.openTcpListeners(port);
    serving = new FutureTask<>(() -> Nursery.call(threads, this::serve));
    threads.newThread(serving).start();
  }

  private ServeReport serve(Nursery nursery) throws IOException, InterruptedException {
    var options =
        ServeOptions.DEFAULT
            .withHandlerNursery(nursery)
            .withOnHandlerError(OnHandlerError.LOG)
            .withMaxConnections(200)
            .withIdleTimeout(Duration.ofMinutes(5))
            .withStop(stop, Duration.ofSeconds(5));
    return Net.serveListeners(this::talk, listeners, options);
  }

  private void talk(SocketStream client) throws IOException, InterruptedException {
    try (var lines = BufferedStream.wrap(client)) {
      for (String line; (line = lines.receiveLine(1000)) != null; requests.increment()) {
        lines.sendLine(application.apply(line));
      }
    }
  }

  public Map<String, Number> metrics() {
    var loop = EventLoop.shared().statistics();
    int port = listeners.get(0).port();
    return Map.of("port", port, "requests", requests, "channels", loop.channels());
  }

  /** Accepts no more; connections have five seconds to end. Throws what has ended the server. */
  public ServeReport stop() throws InterruptedException, ExecutionException {
    stop.stop();
    return serving.get();
  }
}
