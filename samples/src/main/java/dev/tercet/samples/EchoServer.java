package dev.tercet.samples;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import dev.tercet.blocking.*;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * An echo server that survives its peers and stops gracefully on Ctrl-C. The twin in Kotlin is
 * {@code EchoServer.kt}.
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
    // After INT or TERM no new connections; handlers get 10 s, then are cancelled.
    var serve = ServeOptions.DEFAULT.withIdleTimeout(ofMinutes(5));
    var report =
        Net.stopOnSignals(
            stop ->
                Net.serveTcp(
                    port,
                    EchoServer::echo,
                    ListenOptions.DEFAULT,
                    serve.withStop(stop, ofSeconds(10)),
                    listeners ->
                        System.out.println("listening on port " + listeners.get(0).port())));
    System.out.println(report);
  }
}
