package dev.tercet.testing.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.SocketListener;
import dev.tercet.blocking.SocketStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The twin is PartitionSpec. */
class PartitionTest {
  @Test
  @DisplayName("KIT-F15 what TCP sends to a host that is cut off arrives when it is healed")
  void partition() throws Exception {
    Simulation.run(
        1,
        sim -> {
          ListenOptions host = ListenOptions.DEFAULT.withHost("192.0.2.1");
          try (SocketListener listener = Net.openTcpListeners(80, host).get(0);
              SocketStream client = Net.openTcpStream("192.0.2.1", 80);
              SocketStream server = listener.accept()) {
            sim.network().partition("192.0.2.1");
            client.sendAll("hello".getBytes(StandardCharsets.UTF_8));
            assertTrue(
                CancelScope.moveOnAfter(Duration.ofSeconds(60)).run(() -> server.receiveSome(1)));
            assertTrue(
                CancelScope.moveOnAfter(Duration.ofSeconds(60))
                    .run(() -> Net.openTcpStream("192.0.2.1", 80).close()));
            sim.network().heal("192.0.2.1");
            assertEquals("hello", new String(server.receiveSome(100), StandardCharsets.UTF_8));
          }
        });
  }
}
