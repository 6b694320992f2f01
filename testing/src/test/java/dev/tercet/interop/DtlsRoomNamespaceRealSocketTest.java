package dev.tercet.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.support.Needs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * A socket whose send buffer is full. On a loopback interface it never is, since a packet has
 * arrived when {@code send} returns; in a namespace of its own it can be made slow.
 */
class DtlsRoomNamespaceRealSocketTest {
  @Test
  @DisplayName(
      "DTLS-A10 DTLS-G1 without room a message waits, is not sent when it is given up, and none is"
          + " lost")
  void room() throws IOException {
    Needs.noObstacle(Namespace.obstacle());
    try (Namespace namespace = new Namespace()) {
      namespace.slow("256kbit");
      List<String> lines = namespace.java("dev.tercet.interop.DtlsRoomProgram");
      assertEquals("close_notify", lines.get(0));
      List<Integer> givenUp = numbers(lines.get(1));
      List<Integer> arrived = numbers(lines.get(2));
      // The kernel says that there is room when half of it is free again: that is for three.
      assertTrue(givenUp.size() >= 4, lines::toString);
      List<Integer> expected = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        expected.add(givenUp.contains(i) ? 100 + i : i);
      }
      assertEquals(expected, arrived);
    }
  }

  private static List<Integer> numbers(String list) {
    return Arrays.stream(list.replaceAll("[^0-9 ]", "").trim().split(" "))
        .filter(each -> !each.isEmpty())
        .map(Integer::valueOf)
        .toList();
  }
}
