package dev.tercet.testing;

import dev.tercet.ChildInput;
import dev.tercet.ChildOutput;
import dev.tercet.ProcessOptions;
import dev.tercet.blocking.ChildProcess;
import dev.tercet.blocking.Processes;
import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import dev.tercet.testing.conformance.StreamConformance;
import dev.tercet.testing.streams.MemoryStreams.OneWayPair;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The battery on the pipes of children: what goes into {@code cat} comes out of it. */
class ProcessConformanceRealSocketTest {
  private static final ProcessOptions PIPED =
      ProcessOptions.DEFAULT.withStdin(ChildInput.PIPE).withStdout(ChildOutput.PIPE);

  private final List<ChildProcess> children = new ArrayList<>();

  private OneWayPair<SendStream, ReceiveStream> pair(ChildProcess child) {
    children.add(child);
    return new OneWayPair<>(child.stdin(), child.stdout());
  }

  @AfterEach
  void end() {
    children.forEach(ChildProcess::close);
  }

  @Test
  @DisplayName("PROC-P28 pipes on the event loop keep the contract")
  void onLoop() throws Exception {
    StreamConformance.checkOneWayStream(() -> pair(Processes.open(List.of("cat"), PIPED)), null);
  }

  @Test
  @DisplayName("PROC-P28 PROC-P30 pipes on threads keep the contract")
  void onThreads() throws Exception {
    StreamConformance.checkOneWayStream(
        () -> pair(Processes.wrap(new ProcessBuilder("cat").start())), null);
  }
}
