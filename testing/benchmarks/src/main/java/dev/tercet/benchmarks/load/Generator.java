package dev.tercet.benchmarks.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The load generator's process. Takes commands on stdin, a line each, and answers with a line on
 * stdout, {@code ok ...} or {@code error MESSAGE}; ends when stdin does, so also when the process
 * that started it is gone.
 *
 * <pre>
 * echo PORT CONNECTIONS BYTES PID WARM-MILLIS MEASURE-MILLIS
 * sink PORT PID WARM-MILLIS MEASURE-MILLIS        the server receives
 * source PORT PID WARM-MILLIS MEASURE-MILLIS      the server sends
 * connect PORT OUTSTANDING PID WARM-MILLIS MEASURE-MILLIS
 * tls-sink, tls-source, tls-connect               the same three over TLS; connect shakes hands
 * dial PORT OUTSTANDING PID WARM-MILLIS MEASURE-MILLIS   has the server connect to us
 * idle PORT CONNECTIONS                           opens them, until: close
 * dtls-echo PORT CHANNELS BYTES PID WARM-MILLIS MEASURE-MILLIS
 * dtls-connect PORT OUTSTANDING PID WARM-MILLIS MEASURE-MILLIS
 * dtls-flood PORT KIND CHANNELS PID WARM-MILLIS MEASURE-MILLIS
 * dtls-idle PORT CHANNELS                         opens them, until: close
 * close
 * </pre>
 */
public final class Generator {
  /** The first byte of a message that asks a server for an answer which gives none otherwise. */
  public static final byte ASKS = 1;

  private final IdleLoad idle = new IdleLoad();
  private @Nullable DtlsIdleLoad dtlsIdle;

  private Generator() {}

  /**
   * Runs it.
   *
   * @param args none
   * @throws IOException when stdin fails
   */
  public static void main(String[] args) throws IOException {
    Generator generator = new Generator();
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(generator.answer(line.split(" ", -1)));
      System.out.flush();
    }
  }

  private String answer(String[] words) {
    try {
      return "ok " + run(words);
    } catch (IOException | RuntimeException e) {
      return "error " + e.toString().replace('\n', ' ');
    }
  }

  private String run(String[] words) throws IOException {
    return switch (words[0]) {
      case "echo" ->
          EchoLoad.run(
              number(words[1]), number(words[2]), number(words[3]), () -> window(words, 4));
      case "sink" -> BulkLoad.run(number(words[1]), false, window(words, 2));
      case "source" -> BulkLoad.run(number(words[1]), true, window(words, 2));
      case "connect" -> ConnectLoad.run(number(words[1]), number(words[2]), window(words, 3));
      case "tls-sink" -> TlsBulkLoad.run(number(words[1]), false, window(words, 2));
      case "tls-source" -> TlsBulkLoad.run(number(words[1]), true, window(words, 2));
      case "tls-connect" ->
          ConnectLoad.runTls(number(words[1]), number(words[2]), window(words, 3));
      case "idle" -> {
        idle.open(number(words[1]), number(words[2]));
        yield "";
      }
      case "dial" -> DialLoad.run(number(words[1]), number(words[2]), window(words, 3));
      case "dtls-echo" ->
          DtlsEchoLoad.run(
              number(words[1]), number(words[2]), number(words[3]), () -> window(words, 4));
      case "dtls-connect" ->
          DtlsConnectLoad.run(number(words[1]), number(words[2]), window(words, 3));
      case "dtls-flood" ->
          DtlsFloodLoad.run(
              number(words[1]),
              DtlsFloodLoad.Kind.valueOf(words[2]),
              number(words[3]),
              () -> window(words, 4));
      case "dtls-idle" -> {
        dtlsIdle = DtlsIdleLoad.open(number(words[1]), number(words[2]));
        yield "";
      }
      case "close" -> {
        idle.close();
        if (dtlsIdle != null) {
          dtlsIdle.close();
          dtlsIdle = null;
        }
        yield "";
      }
      default -> throw new IllegalArgumentException("unknown command " + words[0]);
    };
  }

  private static Window window(String[] words, int at) {
    return Window.of(words[at], words[at + 1], words[at + 2]);
  }

  private static int number(String word) {
    return Integer.parseInt(word);
  }

  static InetSocketAddress loopback(int port) throws IOException {
    return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
  }
}
