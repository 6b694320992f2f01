package dev.tercet.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tercet.support.Needs;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** IPv6 multicast, on a link of a namespace: a loopback interface has none. */
final class MulticastNamespaceRealSocketTest {
  @ParameterizedTest
  @ValueSource(strings = {"java", "kotlin"})
  @DisplayName(
      "IO-K12 a member of an IPv6 group hears it on the interface it chose, until it leaves")
  void member(String language) throws IOException {
    Needs.noObstacle(Namespace.obstacle());
    try (Namespace namespace = new Namespace()) {
      namespace.link("here", "fd00::1");
      assertEquals(
          List.of("to all", "to you"),
          namespace.java("dev.tercet.interop.MulticastProgramKt", language, "here", "ff15::4142"));
    }
  }
}
