package dev.tercet.testing.simulation;

import static java.time.Duration.ofMillis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tercet.AddressFamily;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class NameTableTest {
  private static List<InetAddress> ips(String... literals) {
    return Stream.of(literals).map(NameAnswer::ip).toList();
  }

  private static List<InetAddress> lookup(Simulation sim, String host, AddressFamily family)
      throws IOException, InterruptedException {
    CompletableFuture<List<InetAddress>> answer =
        sim.network().names().lookup(host, family).toCompletableFuture();
    Latch answered = new Latch();
    var unused = answer.whenComplete((addresses, failure) -> answered.open());
    Parking.await(answered);
    try {
      return answer.join();
    } catch (CompletionException e) {
      throw (IOException) e.getCause();
    }
  }

  private static List<InetAddress> lookup(Simulation sim, String host)
      throws IOException, InterruptedException {
    return lookup(sim, host, AddressFamily.ANY);
  }

  @Test
  @DisplayName("KIT-F14 names mean what the test says, in its order; localhost is there already")
  void table() throws Exception {
    Simulation.run(
        1,
        sim -> {
          NameTable names = sim.network().names();
          names.set("example.com", "192.0.2.1", "2001:db8::1", "192.0.2.2");
          assertEquals(ips("192.0.2.1", "2001:db8::1", "192.0.2.2"), lookup(sim, "EXAMPLE.com"));
          assertEquals(
              ips("192.0.2.1", "192.0.2.2"), lookup(sim, "example.com", AddressFamily.IPV4));
          assertEquals(ips("2001:db8::1"), lookup(sim, "example.com", AddressFamily.IPV6));
          assertEquals(ips("::1", "127.0.0.1"), lookup(sim, "localhost"));
          assertThrows(UnknownHostException.class, () -> lookup(sim, "nowhere.example"));
          names.remove("example.com");
          assertThrows(UnknownHostException.class, () -> lookup(sim, "example.com"));
          assertEquals(Duration.ZERO, sim.now());
        });
  }

  @Test
  @DisplayName("KIT-F14 answers come late, fail, or never come")
  void lateAnswers() throws Exception {
    Simulation.run(
        1,
        sim -> {
          NameTable names = sim.network().names();
          names.set("slow", NameAnswer.of("192.0.2.1").after(ofMillis(300)));
          assertEquals(ips("192.0.2.1"), lookup(sim, "slow"));
          assertEquals(ofMillis(300), sim.now());
          IOException broken = new IOException("server failure");
          names.set("broken", NameAnswer.failure(broken).after(ofMillis(10)));
          assertSame(broken, assertThrows(IOException.class, () -> lookup(sim, "broken")));
          assertEquals(ofMillis(310), sim.now());
          names.set("never", NameAnswer.never());
          CompletableFuture<List<InetAddress>> answer =
              names.lookup("never", AddressFamily.ANY).toCompletableFuture();
          sim.sleep(Duration.ofDays(1));
          assertFalse(answer.isDone());
        });
  }

  @Test
  @DisplayName("KIT-F14 the families are answered apart; who wants both waits for the later one")
  void families() throws Exception {
    Simulation.run(
        1,
        sim -> {
          NameTable names = sim.network().names();
          names.set(
              "apart",
              NameAnswer.perFamily(
                  NameAnswer.of("2001:db8::1", "192.0.2.9").after(ofMillis(100)),
                  NameAnswer.of("192.0.2.1").after(ofMillis(20))));
          assertEquals(ips("192.0.2.1"), lookup(sim, "apart", AddressFamily.IPV4));
          assertEquals(ofMillis(20), sim.now());
          assertEquals(ips("2001:db8::1"), lookup(sim, "apart", AddressFamily.IPV6));
          assertEquals(ofMillis(120), sim.now());
          assertEquals(ips("2001:db8::1", "192.0.2.1"), lookup(sim, "apart"));
          assertEquals(ofMillis(220), sim.now());
          names.set(
              "half",
              NameAnswer.perFamily(
                  NameAnswer.failure(new IOException("no")), NameAnswer.of("192.0.2.1")));
          assertEquals(ips("192.0.2.1"), lookup(sim, "half"));
          assertThrows(IOException.class, () -> lookup(sim, "half", AddressFamily.IPV6));
        });
  }

  @Test
  @DisplayName("KIT-F14 answers change from one lookup to the next; the questions are kept")
  void changingAnswers() throws Exception {
    Simulation.run(
        1,
        sim -> {
          NameTable names = sim.network().names();
          names.set(
              "moves",
              NameAnswer.of("192.0.2.1", "2001:db8::1"),
              NameAnswer.of("192.0.2.2", "2001:db8::2"));
          assertEquals(ips("192.0.2.1"), lookup(sim, "moves", AddressFamily.IPV4));
          assertEquals(
              ips("2001:db8::1"), lookup(sim, "moves", AddressFamily.IPV6), "the same lookup");
          sim.sleep(ofMillis(5));
          assertEquals(ips("192.0.2.2"), lookup(sim, "moves", AddressFamily.IPV4));
          assertEquals(ips("192.0.2.2"), lookup(sim, "moves", AddressFamily.IPV4));
          assertEquals(
              new NameTable.Query(ofMillis(5), "moves", AddressFamily.IPV4),
              names.queries().get(2));
          assertThrows(IllegalArgumentException.class, () -> names.set("moves", "moves"));
        });
  }
}
