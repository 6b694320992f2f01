package dev.tercet.blocking;

import static dev.tercet.blocking.RealSockets.bytes;
import static dev.tercet.blocking.RealSockets.eventually;
import static dev.tercet.blocking.RealSockets.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.ConnectReport;
import dev.tercet.OnHandlerError;
import dev.tercet.Resolver;
import dev.tercet.loop.EventLoop;
import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What can only be seen in a JVM of its own. */
@Timeout(120)
class ForkedJvmRealSocketTest {
  /** Echoes, and prints its port. */
  static final class EchoServer {
    public static void main(String[] args) throws Exception {
      Net.serveTcp(
          0,
          stream -> {
            ByteBuffer buffer = ByteBuffer.allocate(100);
            while (stream.receiveSome(buffer.clear()) != -1) {
              stream.sendAll(buffer.flip());
            }
          },
          ListenOptions.DEFAULT.withHost("127.0.0.1"),
          ServeOptions.DEFAULT.withOnHandlerError(OnHandlerError.LOG),
          listeners -> System.out.println(listeners.get(0).port()));
    }
  }

  @Test
  @DisplayName(
      "IO-SV6 IO-SL3 IO-SL7 a server whose descriptors are exhausted says so, survives, accepts again")
  void exhausted() throws Exception {
    List<Socket> clients = new ArrayList<>();
    try (Forked server = new Forked("ulimit -n 256; ", EchoServer.class);
        BufferedReader output = server.output()) {
      int port = Integer.parseInt(output.readLine());
      for (int i = 0; i < 400; i++) {
        Socket client = new Socket();
        client.setSoTimeout(30_000);
        client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10_000);
        clients.add(client);
      }
      eventually("it does not say so", () -> pauses(server) > 0);
      assertTrue(server.log().contains("Too many open files"));
      assertEquals('x', echo(clients.get(0)));
      // It pauses between its tries: so many take so long, however slow the machine is.
      long start = System.nanoTime();
      long before = pauses(server);
      eventually("it has given up", () -> pauses(server) >= before + 8);
      long more = pauses(server) - before;
      long millis = (System.nanoTime() - start) / 1_000_000;
      assertTrue(more < millis / 100 + 2, more + " tries in " + millis + " ms");
      for (Socket client : clients.subList(0, 300)) {
        client.close();
      }
      for (Socket client : clients.subList(300, 400)) {
        assertEquals('x', echo(client));
        client.close();
      }
      try (SocketStream again = Net.openTcpStream("127.0.0.1", port)) {
        again.sendAll(bytes("again"));
        assertEquals("again", text(again));
      }
      assertTrue(server.process.isAlive());
    } finally {
      for (Socket client : clients) {
        client.close();
      }
    }
  }

  private static long pauses(Forked server) throws Exception {
    return server.log().lines().filter(line -> line.contains("retrying in 0.1 seconds")).count();
  }

  private static int echo(Socket socket) throws Exception {
    socket.getOutputStream().write('x');
    return socket.getInputStream().read();
  }

  /** Forgets sockets until it is told of all of them. */
  static final class Forgetful {
    public static void main(String[] args) throws Exception {
      StreamSocket kept = StreamSocket.open(StandardProtocolFamily.INET);
      forget();
      while (System.in.available() == 0) {
        System.gc();
        Thread.sleep(20);
      }
      System.out.println(
          "kept " + (kept.getOption(java.net.StandardSocketOptions.SO_RCVBUF) != null));
      kept.close();
    }

    private static void forget() throws Exception {
      StreamSocket.open(StandardProtocolFamily.INET);
      StreamSocket.open(StandardProtocolFamily.INET).close();
      for (SocketListener listener : Net.openTcpListeners(0)) {
        SocketStream waited = Net.openTcpStream("127.0.0.1", listener.port());
        SocketStream accepted = listener.accept();
        accepted.sendAll(bytes("x"));
        text(waited);
      }
    }
  }

  @Test
  @DisplayName(
      "IO-A10 with dev.tercet.leaks=true forgotten sockets are logged with their makers, others not")
  void leaks() throws Exception {
    try (Forked jvm = new Forked("", Forgetful.class, "-Ddev.tercet.leaks=true");
        BufferedReader output = jvm.output()) {
      eventually("not all four are logged: " + jvm.log(), () -> leaksIn(jvm) == 4);
      assertTrue(jvm.log().contains("Forgetful.forget"), jvm.log());
      jvm.process.getOutputStream().write('\n');
      jvm.process.getOutputStream().flush();
      assertEquals("kept true", output.readLine());
      assertTrue(jvm.process.waitFor(20, TimeUnit.SECONDS));
      assertEquals(4, leaksIn(jvm));
    }
  }

  private static long leaksIn(Forked jvm) throws Exception {
    return jvm.log().lines().filter(line -> line.contains("a socket was never closed")).count();
  }

  /** Listens and connects where there is no IPv6. */
  static final class Ipv4Only {
    private static byte[] ipv6Loopback() {
      byte[] address = new byte[16];
      address[15] = 1;
      return address;
    }

    public static void main(String[] args) throws Exception {
      ListenOptions both =
          ListenOptions.DEFAULT
              .withHost("test.example")
              .withNetwork(
                  EventLoop.shared()
                      .network()
                      .withResolver(
                          Resolver.fixed(
                              Map.of(
                                  "test.example",
                                  List.of(
                                      InetAddress.getByAddress(ipv6Loopback()),
                                      InetAddress.getLoopbackAddress())))));
      try (SocketListener all = Net.openTcpListeners(0).get(0);
          SocketListener one = Net.openTcpListeners(0, both).get(0)) {
        System.out.println(all.localAddress() + " " + one.localAddress());
        List<ConnectReport> reports = new ArrayList<>();
        Net.openTcpStream(
                "test.example",
                one.port(),
                ConnectOptions.DEFAULT.withNetwork(both.network()).withOnReport(reports::add))
            .close();
        reports.get(0).attempts().forEach(attempt -> System.out.println(attempt.outcome()));
        try {
          Net.openTcpListeners(0, ListenOptions.DEFAULT.withHost("::1"));
        } catch (java.net.SocketException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }

  @Test
  @DisplayName(
      "IO-TL3 IO-TL8 IO-HV4 without IPv6: the wildcard is IPv4's, and IPv6 addresses are tried last")
  void ipv4Only() throws Exception {
    try (Forked jvm = new Forked("", Ipv4Only.class, "-Djava.net.preferIPv4Stack=true");
        BufferedReader output = jvm.output()) {
      List<String> lines = output.lines().toList();
      assertEquals(4, lines.size(), () -> lines + "\n" + log(jvm));
      assertTrue(lines.get(0).matches("/0.0.0.0:\\d+ /127.0.0.1:\\d+"), lines.get(0));
      assertEquals(List.of("WON", "NOT_STARTED"), lines.subList(1, 3));
      assertTrue(lines.get(3).contains("doesn't support any of the kinds of socket"));
    }
  }

  private static String log(Forked jvm) {
    try {
      return jvm.log();
    } catch (java.io.IOException e) {
      return e.toString();
    }
  }
}
