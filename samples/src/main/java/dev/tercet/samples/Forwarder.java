package dev.tercet.samples;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import dev.tercet.*;
import dev.tercet.blocking.*;
import java.io.IOException;
import java.util.List;

/** Forwards TCP connections: {@code Forwarder 8080 db.internal 5432}. */
public final class Forwarder {
  private Forwarder() {}

  /** Serves until stopped; connections then have ten seconds to end. */
  static ServeReport serve(
      int port,
      String host,
      int to,
      StopSignal stop,
      TaskStatus<? super List<SocketListener>> status)
      throws IOException, InterruptedException {
    var options =
        ServeOptions.DEFAULT
            .withOnHandlerError(OnHandlerError.LOG) // when the target refuses, for instance
            .withMaxConnections(1000)
            .withIdleTimeout(ofMinutes(10))
            .withStop(stop, ofSeconds(10));
    return Net.serveTcp(
        port, client -> forward(client, host, to), ListenOptions.DEFAULT, options, status);
  }

  /** Both directions. Each ends with its own EOF, as the two would see it without a forwarder. */
  private static void forward(SocketStream client, String host, int port)
      throws IOException, InterruptedException {
    var limit = CancelScope.failAfter(ofSeconds(10));
    try (client;
        var target = limit.call(() -> Net.openTcpStream(host, port))) {
      System.out.println(client.remoteAddress() + ": " + Net.relay(client, target));
    }
  }

  /**
   * Runs it.
   *
   * @param args the port to listen on; host and port of the target
   * @throws IOException when the port is taken
   * @throws InterruptedException never
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int port = Integer.parseInt(args[0]);
    int to = Integer.parseInt(args[2]);
    var report = Net.stopOnSignals(stop -> serve(port, args[1], to, stop, TaskStatus.ignored()));
    System.out.println(report);
  }
}
