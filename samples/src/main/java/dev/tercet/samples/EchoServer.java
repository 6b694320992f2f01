package dev.tercet.samples;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import dev.tercet.*;
import dev.tercet.blocking.*;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * An echo server that logs and survives errors of its handlers, and stops gracefully on Ctrl-C. The
 * twin in Kotlin is {@code EchoServer.kt}.
 */
public final class EchoServer {
  private EchoServer() {}

  /**
   * Sends back what it receives, until the peer has sent its end.
   *
   * @param stream a connection
   * @throws IOException when the peer is gone
   * @throws InterruptedException when interrupted
   */
  public static void echo(Stream stream) throws IOException, InterruptedException {
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    while (stream.receiveSome(buffer.clear()) != -1) {
      stream.sendAll(buffer.flip());
    }
  }

  /**
   * Runs it.
   *
   * @param args the port, 7000 by default
   * @throws IOException when the port is taken
   * @throws InterruptedException never
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int port = args.length == 0 ? 7000 : Integer.parseInt(args[0]);
    var stop = new StopSignal();
    var serve =
        ServeOptions.DEFAULT
            .withOnHandlerError(OnHandlerError.LOG)
            .withIdleTimeout(ofMinutes(5))
            .withStop(stop, ofSeconds(10)); // no new connections then; handlers get 10 s
    Nursery.run(
        nursery -> {
          List<SocketListener> listeners =
              nursery.start(
                  status ->
                      Net.serveTcp(port, EchoServer::echo, ListenOptions.DEFAULT, serve, status));
          try (var signals = SignalReceiver.open(PosixSignal.INT, PosixSignal.TERM)) {
            System.out.println("listening on " + listeners.get(0).localAddress());
            signals.receive();
          }
          stop.stop();
        });
  }
}
