package dev.tercet.benchmarks.micro;

import dev.tercet.AddressFamily;
import dev.tercet.benchmarks.load.DialTargets;
import dev.tercet.proto.connect.ConnectRace;
import dev.tercet.proto.connect.Destination;
import dev.tercet.proto.connect.RaceAction;
import dev.tercet.proto.connect.RaceSettings;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** The race of a connect without sockets: four addresses, and the first one answers at once. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class ConnectRaceBenchmark {
  private final List<Destination> destinations =
      DialTargets.addresses().stream().map(ConnectRaceBenchmark::from).toList();

  /** Made by JMH. */
  public ConnectRaceBenchmark() {}

  private static Destination from(InetAddress address) {
    return new Destination(address, InetAddress.getLoopbackAddress());
  }

  /**
   * From the lookup's answer to the winner.
   *
   * @param hole takes what the race says
   * @return its end
   */
  @Benchmark
  public ConnectRace.State firstWins(Blackhole hole) {
    ConnectRace race = new ConnectRace(RaceSettings.DEFAULT, 0);
    race.answered(AddressFamily.ANY, destinations, 1);
    RaceAction action;
    while ((action = race.poll(1)) != null) {
      hole.consume(action);
      if (action instanceof RaceAction.Start start) {
        race.established(start.attempt(), 1);
      }
    }
    return race.state();
  }
}
