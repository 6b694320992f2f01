package dev.tercet.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tercet.blocking.Net;
import dev.tercet.blocking.SocketStream;
import java.io.IOException;

/**
 * Sends a greeting to an echo server, ends its side, and prints what comes back. The twin in Kotlin
 * is {@code EchoClient.kt}.
 */
public final class EchoClient {
  private EchoClient() {}

  /**
   * Runs it.
   *
   * @param args the port, 7000 by default
   * @throws IOException when there is no server
   * @throws InterruptedException never
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int port = args.length == 0 ? 7000 : Integer.parseInt(args[0]);
    try (SocketStream stream = Net.openTcpStream("localhost", port)) {
      stream.sendAll("hello".getBytes(UTF_8));
      stream.sendEof();
      stream.asInputStream().transferTo(System.out);
    }
    System.out.flush();
  }
}
