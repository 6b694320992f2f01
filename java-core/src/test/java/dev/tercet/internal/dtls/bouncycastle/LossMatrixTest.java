package dev.tercet.internal.dtls.bouncycastle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.dtls.bouncycastle.LossyPair.Row;
import dev.tercet.support.Stress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Handshakes on bad networks, each row with one seed or many. */
class LossMatrixTest {
  private static final int RUNS = Stress.rounds(1, 20);
  private static final long SEED = Stress.seed(LossMatrixTest.class, 1);

  static List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (int loss : new int[] {0, 10, 25, 30, 50}) {
      for (boolean isLarge : new boolean[] {false, true}) {
        for (int mtu : new int[] {1472, 548, 300}) {
          for (boolean isMutual : new boolean[] {false, true}) {
            for (boolean isShuffling : new boolean[] {false, true}) {
              // 548 is what the network carries and nobody knows; 300 is what everybody knows.
              int configured = mtu == 548 ? 1472 : mtu;
              rows.add(new Row(loss, isLarge, mtu, configured, isMutual, isShuffling));
            }
          }
        }
      }
    }
    return rows;
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyHandshakeCompletes(Row row) {
    for (long seed = SEED; seed < SEED + RUNS; seed++) {
      LossyPair pair = new LossyPair(row, seed);
      try (pair) {
        pair.handshake();
        pair.settle();
        List<List<String>> got = pair.talk(3);
        for (int way = 0; way < 2; way++) {
          List<String> messages = got.get(way);
          assertEquals(messages.size(), new HashSet<>(messages).size(), pair + " " + messages);
          for (String message : messages) {
            assertTrue(message.matches(way == 0 ? "up [0-2]" : "down [0-2]"), message);
          }
          if (row.lossPercent() == 0) {
            assertEquals(3, messages.size(), pair.toString());
          }
        }
      }
      assertEquals(0, pair.threads.alive(), pair.toString());
    }
  }
}
