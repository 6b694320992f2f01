package dev.tercet.samples;

import static java.time.Duration.ofSeconds;

import dev.tercet.ConnectFailedException;
import dev.tercet.Network;
import dev.tercet.ServeReport;
import dev.tercet.StopSignal;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.ConnectOptions;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.SocketListener;
import dev.tercet.blocking.SocketStream;
import dev.tercet.blocking.Stream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Programs in Java, as short as the API's design promises; {@code ProgramsSpec} runs them. */
final class JavaPrograms {
  private JavaPrograms() {}

  /** Starts a server and knows that it listens. Returns what the client got. */
  static String startServer() throws IOException, InterruptedException {
    return Nursery.call(
        nursery -> {
          List<SocketListener> listeners =
              nursery.start(
                  status ->
                      Net.serveTcp(
                          0,
                          EchoServer::echo,
                          ListenOptions.DEFAULT,
                          ServeOptions.DEFAULT,
                          status));
          String answer;
          try (SocketStream stream = Net.openTcpStream("localhost", listeners.get(0).port())) {
            stream.sendAll("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            stream.sendEof();
            answer = new String(stream.asInputStream().readAllBytes(), StandardCharsets.UTF_8);
          }
          nursery.cancelChildren();
          return answer;
        });
  }

  /** Stops a server gracefully; its report says how it went. */
  static ServeReport stopServer() throws IOException, InterruptedException {
    var stop = new StopSignal();
    var serve = ServeOptions.DEFAULT.withStop(stop, ofSeconds(10));
    var reports = new ArrayList<ServeReport>();
    Nursery.run(
        nursery -> {
          List<SocketListener> listeners =
              nursery.start(
                  status ->
                      reports.add(
                          Net.serveTcp(0, EchoServer::echo, ListenOptions.DEFAULT, serve, status)));
          try (SocketStream stream = Net.openTcpStream("localhost", listeners.get(0).port())) {
            // An answer: the connection was begun, and is served to its end.
            stream.sendAll(new byte[] {1});
            stream.receiveSome(1);
            stop.stop();
            stream.sendAll(new byte[] {2});
            stream.receiveSome(1);
          }
        });
    return reports.get(0);
  }

  /** Whether the peer is so slow that nothing can be sent for a while. */
  static boolean isSlow(Stream stream) throws IOException, InterruptedException {
    return CancelScope.moveOnAfter(ofSeconds(30)).run(stream::waitSendAllMightNotBlock);
  }

  /** Receives, or fails with {@code TooSlowException}. */
  static byte[] receiveWithin(Duration limit, Stream stream)
      throws IOException, InterruptedException {
    return CancelScope.failAfter(limit).call(() -> stream.receiveSome(100));
  }

  /** Connects with happy eyeballs, and tells what happened. */
  static List<String> race(Network network) throws IOException, InterruptedException {
    var printed = new ArrayList<String>();
    var options =
        ConnectOptions.DEFAULT
            .withNetwork(network)
            .withOnReport(report -> printed.add(report.toString()));
    try (var stream = Net.openTcpStream("example.com", 443, options)) {
      printed.add("connected to " + stream.remoteAddress());
    } catch (ConnectFailedException e) {
      e.report().attempts().forEach(attempt -> printed.add(attempt.toString()));
    }
    return printed;
  }
}
