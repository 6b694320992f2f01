package dev.tercet.internal.nio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.ClosedResourceException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is done about errors of accept while sockets can be opened. */
class AcceptErrorsTest {
  @ParameterizedTest
  @DisplayName("IO-SL3 IO-SL7 an error of the system is tried again, whatever language it is in")
  @ValueSource(
      strings = {"Operation not permitted", "Too many open files", "Zu viele offene Dateien", ""})
  void anyText(String text) throws IOException {
    for (IOException e : List.of(new IOException(text), new SocketException(text))) {
      AcceptErrors errors = new AcceptErrors();
      List<Long> millis = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        millis.add(errors.pauseNanosAfter(e) / 1_000_000);
      }
      assertEquals(List.of(1L, 2L, 4L, 8L, 16L, 32L, 64L, 100L, 100L), millis);
      errors.succeeded();
      assertEquals(1_000_000, errors.pauseNanosAfter(e));
      assertTrue(new AcceptErrors().mayPass(e));
    }
  }

  @Test
  @DisplayName("IO-SL3 IO-SV7 but not for ever: then it comes out as the same object")
  void bounded() throws IOException {
    IOException e = new IOException("Operation not permitted");
    AcceptErrors errors = new AcceptErrors();
    for (int i = 0; i < 110; i++) {
      assertTrue(errors.pauseNanosAfter(e) > 0);
    }
    assertSame(e, assertThrows(IOException.class, () -> errors.pauseNanosAfter(e)));
    errors.succeeded();
    assertTrue(errors.pauseNanosAfter(e) > 0);
    AcceptErrors serving = new AcceptErrors();
    for (int i = 0; i < 20; i++) {
      assertTrue(serving.mayPass(e));
    }
    assertFalse(serving.mayPass(e));
    serving.succeeded();
    assertTrue(serving.mayPass(e));
  }

  @Test
  @DisplayName("IO-SL3 IO-SV7 what is of a special class passes for nobody")
  void special() {
    for (IOException e : List.of(new ClosedResourceException("x"), new ProtocolException("x"))) {
      assertSame(e, assertThrows(IOException.class, () -> new AcceptErrors().pauseNanosAfter(e)));
      assertFalse(new AcceptErrors().mayPass(e));
    }
  }
}
