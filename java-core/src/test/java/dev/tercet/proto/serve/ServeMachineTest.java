package dev.tercet.proto.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.ServeReport;
import dev.tercet.proto.serve.ServeMachine.Admission;
import dev.tercet.proto.serve.ServeMachine.Outcome;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ServeMachineTest {
  @Test
  @DisplayName("IO-SV10 a full server holds what comes, until a handler has ended, however")
  void hold() {
    ServeMachine machine = new ServeMachine(2, 1);
    for (Outcome outcome : Outcome.values()) {
      while (machine.hasRoom()) {
        assertEquals(Admission.BEGUN, machine.begin());
      }
      assertEquals(Admission.HOLD, machine.begin());
      assertEquals(Admission.HOLD, machine.begin());
      machine.ended(outcome);
    }
    assertEquals(Admission.BEGUN, machine.begin());
    assertFalse(machine.hasRoom());
    assertEquals(new ServeReport(5, 1, 1, 1), machine.report(), "two are active");
  }

  @Test
  @DisplayName("IO-SV10 after a stop nothing begins, with room or without, and nothing is counted")
  void stop() {
    ServeMachine machine = new ServeMachine(2, 1);
    machine.begin();
    machine.begin();
    assertEquals(Admission.HOLD, machine.begin());
    machine.stop();
    assertEquals(Admission.REFUSED, machine.begin(), "full");
    machine.ended(Outcome.FINISHED);
    assertTrue(machine.hasRoom());
    assertEquals(Admission.REFUSED, machine.begin(), "held before the stop, or accepted after it");
    machine.stop();
    assertFalse(machine.isIdle());
    machine.ended(Outcome.CANCELLED);
    assertTrue(machine.isIdle());
    assertEquals(Admission.REFUSED, machine.begin(), "idle");
    assertEquals(new ServeReport(2, 1, 0, 1), machine.report());
  }

  @Test
  @DisplayName("IO-SV10 a handler that ends is counted in every state, and accepted is the sum")
  void counts() {
    ServeMachine machine = new ServeMachine(Integer.MAX_VALUE, 1);
    assertEquals(new ServeReport(0, 0, 0, 0), machine.report());
    for (int i = 0; i < 6; i++) {
      machine.begin();
    }
    machine.ended(Outcome.FINISHED);
    machine.ended(Outcome.FAILED);
    machine.ended(Outcome.CANCELLED);
    assertEquals(new ServeReport(6, 1, 1, 1), machine.report());
    machine.stop();
    machine.ended(Outcome.FINISHED);
    machine.ended(Outcome.FAILED);
    machine.ended(Outcome.CANCELLED);
    assertEquals(new ServeReport(6, 2, 2, 2), machine.report());
  }

  @Test
  @DisplayName(
      "DTLS-B1 when the last of 2 listeners has ended there is no drain limit, but by a stop")
  void listenersEnd() {
    ServeMachine machine = new ServeMachine(2, 2);
    assertTrue(machine.isDrainLimited());
    assertFalse(machine.listenerEnded());
    assertTrue(machine.isDrainLimited(), "the other one may fail");
    assertTrue(machine.listenerEnded());
    assertFalse(machine.isDrainLimited());
    machine.stop();
    assertTrue(machine.isDrainLimited());
  }

  @Test
  @DisplayName("IO-SV2 a server of no connections is refused")
  void noConnections() {
    assertThrows(IllegalArgumentException.class, () -> new ServeMachine(0, 1));
  }
}
