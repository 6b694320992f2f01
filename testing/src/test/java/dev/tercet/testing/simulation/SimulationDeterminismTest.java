package dev.tercet.testing.simulation;

import static java.time.Duration.ofMillis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.OnHandlerError;
import dev.tercet.StopSignal;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.SocketListener;
import dev.tercet.blocking.SocketStream;
import dev.tercet.support.Stress;
import dev.tercet.testing.internal.SplitMix64;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** One seed, one run. */
class SimulationDeterminismTest {
  private static final int CLIENTS = 5;
  private static final long SEEDS = Stress.rounds(50, 1_000);

  /**
   * Two servers with their handlers, clients that find them by name, over ways with jitter; some
   * are cut short by a limit, some meet a black hole first. In the end the servers are stopped.
   */
  private static String trace(long seed) throws Exception {
    StringBuilder trace = new StringBuilder();
    Simulation.run(
        seed,
        sim -> {
          SimulatedNetwork net = sim.network();
          net.setLatency(ofMillis(1), ofMillis(20));
          net.names().set("a.example", NameAnswer.of("192.0.2.1").after(ofMillis(seed % 7)));
          net.names().set("b.example", "192.0.2.2");
          net.onConnect("192.0.2.2", ConnectAnswer.refuse(), ConnectAnswer.byListener());
          StopSignal stop = new StopSignal();
          Nursery.run(
              servers -> {
                for (String host : List.of("192.0.2.1", "192.0.2.2")) {
                  List<SocketListener> unused =
                      servers.start(
                          status ->
                              Net.serveTcp(
                                  80,
                                  SimulationDeterminismTest::echo,
                                  ListenOptions.DEFAULT.withHost(host),
                                  ServeOptions.DEFAULT
                                      .withOnHandlerError((error, peer) -> {})
                                      .withStop(stop, Duration.ofSeconds(1)),
                                  status));
                }
                SplitMix64 random = new SplitMix64(seed);
                Nursery.run(
                    clients -> {
                      for (int i = 0; i < CLIENTS; i++) {
                        String host = random.nextInt(0, 1) == 0 ? "a.example" : "b.example";
                        Duration limit = ofMillis(random.nextInt(1, 200));
                        clients.startSoon(
                            () -> {
                              boolean unused = CancelScope.moveOnAfter(limit).run(() -> talk(host));
                            });
                      }
                    });
                stop.stop();
              });
          net.trace().assertNothingOpen();
          trace.append(net.trace()).append("\nend ").append(sim.now());
        });
    return trace.toString();
  }

  private static void echo(SocketStream stream) throws IOException, InterruptedException {
    for (byte[] some = stream.receiveSome(); some.length > 0; some = stream.receiveSome()) {
      stream.sendAll(some);
    }
  }

  private static void talk(String host) throws IOException, InterruptedException {
    try (SocketStream stream = Net.openTcpStream(host, 80)) {
      for (int i = 0; i < 3; i++) {
        stream.sendAll(new byte[] {1, 2, 3});
        byte[] unused = stream.receiveSome();
      }
      stream.sendEof();
    } catch (BrokenResourceException | java.net.ConnectException e) {
      // Also a way to end.
    }
  }

  @Test
  @DisplayName("KIT-R1 IO-X3 the same seed gives the same trace, byte for byte")
  void sameSeedSameTrace() throws Exception {
    Set<String> traces = new HashSet<>();
    long first = Stress.seed(SimulationDeterminismTest.class, 0);
    for (long seed = first; seed < first + SEEDS; seed++) {
      String trace = trace(seed);
      assertEquals(trace, trace(seed), "seed " + seed);
      traces.add(trace);
    }
    assertTrue(traces.size() > SEEDS * 9 / 10, "only " + traces.size() + " different traces");
  }

  @Test
  @DisplayName(
      "IO-SV10 IO-X3 a server drains and is stopped in virtual time, with a handler that hangs")
  void drain() throws Exception {
    Simulation.run(
        1,
        sim -> {
          StopSignal stop = new StopSignal();
          Nursery.run(
              nursery -> {
                List<SocketListener> unused =
                    nursery.start(
                        status ->
                            Net.serveTcp(
                                80,
                                stream -> sim.sleep(Duration.ofDays(1)),
                                ListenOptions.DEFAULT,
                                ServeOptions.DEFAULT
                                    .withOnHandlerError(OnHandlerError.PROPAGATE)
                                    .withStop(stop, Duration.ofMinutes(5)),
                                status));
                SocketStream stream = Net.openTcpStream("localhost", 80);
                sim.sleep(Duration.ofSeconds(1));
                stop.stop();
                assertEquals(0, stream.receiveSome().length);
                assertEquals(Duration.ofMinutes(5).plusSeconds(1), sim.now());
                stream.close();
              });
          sim.network().trace().assertNothingOpen();
        });
  }
}
