package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.ResourceException;
import dev.tercet.internal.tls.TlsEngines;
import dev.tercet.tls.TlsTruncatedException;
import dev.tercet.tls.TlsVersion;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The machine of a server that has no engine until it knows the client's hello. */
class TlsChoosingTest {
  private final TlsBuffers buffers =
      new TlsBuffers() {
        @Override
        public ByteBuffer take(int atLeast) {
          taken++;
          return ByteBuffer.allocate(atLeast);
        }

        @Override
        public void giveBack(ByteBuffer buffer) {
          taken--;
        }
      };

  private int taken;
  private final TlsMachine machine = TlsMachine.choosing(buffers);

  private TlsNeed step() throws ResourceException {
    machine.begin(0);
    return machine.handshake();
  }

  private byte[] output() {
    ByteBuffer batch = machine.takeOutput();
    if (batch == null) {
      return new byte[0];
    }
    byte[] bytes = new byte[batch.remaining()];
    batch.get(bytes);
    machine.outputSent(batch);
    return bytes;
  }

  private ResourceException failure() {
    return assertThrows(ResourceException.class, this::step);
  }

  private static byte[] alert(int code) {
    return new byte[] {21, 3, 3, 0, 2, 2, (byte) code};
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-N2 TLS-N3 it waits for the hello, then for the choice, then for nothing more")
  void choice(TlsVersion version) throws Exception {
    byte[] hello = Hellos.real(version);
    for (byte b : Arrays.copyOf(hello, hello.length - 1)) {
      machine.feed(new byte[] {b});
      assertEquals(TlsNeed.RECEIVE, step());
      assertNull(machine.hello());
    }
    machine.feed(new byte[] {hello[hello.length - 1]});
    assertEquals(TlsNeed.CHOOSE, step());
    assertEquals(TlsNeed.CHOOSE, step());
    assertNotNull(machine.hello());
    machine.choose(
        TlsEngines.server(MachinePair.SERVER).engine(), PeerDemands.NONE, false, buffers);
    assertNull(machine.hello());
    assertEquals(TlsNeed.COMPUTE, step());
    Runnable task = machine.takeTask();
    assertNotNull(task);
    task.run();
    machine.taskDone(null);
    TlsNeed need = step();
    while (need == TlsNeed.COMPUTE) {
      Runnable more = machine.takeTask();
      assertNotNull(more);
      more.run();
      machine.taskDone(null);
      need = step();
    }
    assertEquals(TlsNeed.SEND, need);
    byte[] serverHello = output();
    assertArrayEquals(new byte[] {22, 3, 3}, Arrays.copyOf(serverHello, 3));
    assertTrue(machine.release());
    assertEquals(0, taken);
  }

  @Test
  @DisplayName("TLS-N2 a malformed hello is answered by decode_error, in seven plain bytes")
  void malformed() {
    byte[] hello = Hellos.real(TlsVersion.TLS_1_3);
    hello[Hellos.bodyStart() + 2 + 32] = 99;
    machine.feed(hello);
    ResourceException e = failure();
    assertInstanceOf(SSLException.class, e.getCause());
    assertTrue(e.reason().contains("the id of the session has 0 to 32 bytes"), e.reason());
    assertTrue(machine.hasAlert());
    assertArrayEquals(alert(50), output());
    assertFalse(machine.hasAlert());
    assertEquals(e.reason(), failure().reason());
    assertTrue(machine.release());
    assertEquals(0, taken);
  }

  @Test
  @DisplayName("TLS-N2 TLS-N7 a refusal is an alert and a failure; a second one changes nothing")
  void refusal() throws Exception {
    machine.feed(Hellos.real(TlsVersion.TLS_1_3));
    assertEquals(TlsNeed.CHOOSE, step());
    machine.refuse(TlsAlert.UNRECOGNIZED_NAME, "not here", new SSLException("not here"));
    machine.refuse(TlsAlert.INTERNAL_ERROR, "broken", new SSLException("broken"));
    assertEquals("not here", failure().reason());
    assertArrayEquals(alert(112), output());
    assertEquals(0, output().length);
  }

  @Test
  @DisplayName(
      "TLS-B20 a peer that does not speak TLS is told nothing that it would not understand")
  void plaintext() {
    machine.feed("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertTrue(failure().reason().contains("it sent \"GET / HTTP/1.1....\""));
    assertFalse(machine.hasAlert());
  }

  @Test
  @DisplayName("TLS-B10 an end of the transport before or in the hello is a truncation")
  void truncated() throws Exception {
    machine.feed(Arrays.copyOf(Hellos.real(TlsVersion.TLS_1_3), 100));
    assertEquals(TlsNeed.RECEIVE, step());
    machine.feedEof();
    assertInstanceOf(TlsTruncatedException.class, failure().getCause());
    assertFalse(machine.hasAlert());
  }

  @Test
  @DisplayName("TLS-H13 it can be released before there is an engine, with whatever it has to say")
  void release() {
    machine.feed(new byte[] {22, 3, 1, 0, 0});
    assertTrue(machine.hasAlert());
    assertTrue(machine.release());
    assertNull(machine.takeOutput());
    machine.refuse(TlsAlert.INTERNAL_ERROR, "late", new SSLException("late"));
    machine.feed(new byte[] {1});
    assertEquals(0, taken);
  }
}
