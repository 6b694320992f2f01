package dev.tercet.testing.conformance;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The battery against streams that are broken on purpose: the whole battery is run, and the first
 * check to fail must be the right one. Some of them hang until the battery loses its patience, so
 * they are run side by side.
 *
 * <p>Without a mutant: KIT-C1, C9, C41, C44 (such streams do not compile), C57.
 */
class StreamConformanceMutationTest {
  private final ExecutorService threads = Executors.newFixedThreadPool(4);

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  @TestFactory
  List<DynamicTest> mutants() {
    return Stream.of(
            TransferMutants.ALL,
            ClosingMutants.ALL,
            CancellationMutants.ALL,
            CloggedMutants.ALL,
            TwoWayMutants.ALL)
        .flatMap(List::stream)
        .map(mutant -> caught(mutant, threads.submit(() -> battery(mutant))))
        .toList();
  }

  private static AssertionError battery(Mutant mutant) {
    return assertThrows(AssertionError.class, () -> mutant.battery().run());
  }

  private static DynamicTest caught(Mutant mutant, Future<AssertionError> battery) {
    return dynamicTest(
        mutant.id() + " " + mutant.what() + " is caught",
        () -> {
          String message = String.valueOf(battery.get().getMessage());
          assertTrue(message.startsWith(mutant.id() + " "), message);
        });
  }
}
