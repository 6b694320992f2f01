package dev.tercet.benchmarks.contender;

import dev.tercet.benchmarks.dial.BlockingDialler;
import dev.tercet.benchmarks.dial.KtorDialler;
import dev.tercet.benchmarks.dial.NettyDialler;
import dev.tercet.benchmarks.dial.NioDialler;
import dev.tercet.benchmarks.dial.Orders;
import dev.tercet.benchmarks.dial.TercetDialler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;

/**
 * A contender's process. Prints {@code port N} when it listens, then answers the one command {@code
 * heap} with the bytes that are in use after a collection; ends when stdin does, so also when the
 * process that started it is gone.
 */
public final class Server {
  private Server() {}

  /**
   * Runs it.
   *
   * @param args the name of the contender, and of its work
   * @throws IOException when it cannot listen
   * @throws InterruptedException never
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int port = contender(args[0]).serve(Work.valueOf(args[1]));
    say("port " + port);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      say(line.equals("heap") ? "ok heap=" + usedHeapBytes() : "error unknown command " + line);
    }
    // Servers run on threads that are no daemons.
    System.exit(0);
  }

  private static Contender contender(String name) throws IOException {
    return switch (name) {
      case "nio" -> new NioContender();
      case "tercet" -> TercetContender.Companion.onLoop();
      case "tercet-two-loops" -> TercetContender.Companion.onTwoLoops();
      case "tercet-default" -> TercetContender.Companion.onDefault();
      case "tercet-platform" -> TercetBlockingContender.platform();
      case "tercet-virtual" -> TercetBlockingContender.virtual();
      case "socket-platform" -> SocketContender.platform();
      case "socket-virtual" -> SocketContender.virtual();
      case "netty-nio" -> NettyContender.nio();
      case "netty-epoll" -> NettyContender.epoll();
      case "ktor" -> new KtorContender();
      case "engine" -> EngineContender.jdk();
      case "engine-conscrypt" -> EngineContender.conscrypt();
      case "sslsocket" -> new SslSocketContender();
      case "tls-channel" -> new TlsChannelContender();
      case "netty-tls" -> NettyContender.tls();
      case "tercet-tls" -> TercetContender.Companion.tls();
      case "tercet-tls-conscrypt" -> TercetContender.Companion.conscrypt();
      case "tercet-tls-platform" -> TercetBlockingContender.tls();
      case "engine-dtls" -> new EngineDtlsContender();
      case "tercet-dtls" -> new TercetDtlsContender();
      case "tercet-dtls-platform", "tercet-dtls-virtual" -> new TercetBlockingDtlsContender();
      case "bouncy-castle" -> new BouncyCastleContender();
      case "scandium" -> new ScandiumContender();
      case "nio-dial" -> new Orders(new NioDialler());
      case "channel-dial" -> new Orders(BlockingDialler.channel());
      case "tercet-dial" -> new Orders(TercetDialler.Companion.toName());
      case "tercet-dial-literal" -> new Orders(TercetDialler.Companion.toLiteral());
      case "tercet-dial-platform" -> new Orders(BlockingDialler.tercet());
      case "netty-dial" -> new Orders(new NettyDialler());
      case "ktor-dial" -> new Orders(new KtorDialler());
      default -> throw new IllegalArgumentException("unknown contender " + name);
    };
  }

  private static long usedHeapBytes() {
    var memory = ManagementFactory.getMemoryMXBean();
    // The second collection takes what cleaners and references let go after the first.
    memory.gc();
    memory.gc();
    return memory.getHeapMemoryUsage().getUsed();
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
