package dev.tercet.proto.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.proto.ByteQueue;
import dev.tercet.proto.tls.NullEngine.Quirk;
import dev.tercet.tls.TlsRole;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the machine does not leave to its engine: limits and wiping. */
class TlsDefencesTest {
  /** The longest record that any engine takes, with its header. */
  private static final int MAX_RECORD_BYTES = 33_098;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("TLS-R2 a record that does not end is refused at the longest that an engine takes")
  void endlessRecord(boolean roomFirst) throws Exception {
    NullEngine engine = roomFirst ? new NullEngine(true, Quirk.ROOM_FIRST) : new NullEngine(true);
    TlsMachine machine =
        new TlsMachine(
            engine, PeerDemands.NONE, TlsRole.CLIENT, false, new MachinePair.FreshBuffers());
    machine.begin(0);
    assertEquals(TlsNeed.SEND, machine.handshake());
    machine.outputSent(Objects.requireNonNull(machine.takeOutput()));
    byte[] most = new byte[MAX_RECORD_BYTES - 1];
    most[0] = NullEngine.HANDSHAKE;
    most[1] = 3;
    most[2] = 3;
    most[3] = (byte) 0xff;
    most[4] = (byte) 0xff;
    machine.feed(most);
    assertEquals(TlsNeed.RECEIVE, machine.handshake());
    machine.feed(new byte[1]);
    BrokenResourceException e =
        assertThrows(BrokenResourceException.class, () -> machine.handshake());
    assertTrue(e.reason().contains("longer than 33098 bytes"), e.reason());
  }

  /** Looks for what was decrypted in the buffers that come back. */
  private static final class WatchedBuffers implements TlsBuffers {
    private final List<ByteBuffer> returned = new ArrayList<>();

    @Override
    public ByteBuffer take(int atLeast) {
      return ByteBuffer.allocate(atLeast);
    }

    @Override
    public void giveBack(ByteBuffer buffer) {
      returned.add(buffer);
    }

    boolean hasPlaintext(byte secret) {
      for (ByteBuffer buffer : returned) {
        ByteBuffer all = buffer.duplicate().clear();
        while (all.hasRemaining()) {
          if (all.get() == secret) {
            return true;
          }
        }
      }
      return false;
    }
  }

  @Test
  @DisplayName("a buffer that has held decrypted bytes is wiped before it goes back")
  void wiped() throws Exception {
    byte secret = 0x5a;
    WatchedBuffers buffers = new WatchedBuffers();
    MachinePair pair =
        MachinePair.withBuffers(new NullEngine(true), new NullEngine(false), buffers).handshaken();
    byte[] data = new byte[1500];
    Arrays.fill(data, secret);
    pair.client.machine.feed(NullEngine.record(NullEngine.DATA, data));
    // Too small for the record, so it is decrypted elsewhere first.
    ByteBuffer into = ByteBuffer.allocate(10);
    assertEquals(TlsNeed.NOTHING, pair.client.machine.read(into));
    assertEquals(10, into.position());
    assertFalse(buffers.returned.isEmpty());
    assertTrue(!buffers.hasPlaintext(secret), "a buffer came back with what was decrypted");
  }

  @Test
  @DisplayName("a release wipes what came and what was decrypted and nobody has read")
  void wipedAtTheEnd() throws Exception {
    byte secret = 0x5a;
    MachinePair pair = MachinePair.of(new NullEngine(true), new NullEngine(false)).handshaken();
    TlsMachine machine = pair.client.machine;
    byte[] data = new byte[1500];
    Arrays.fill(data, secret);
    byte[] first = NullEngine.record(NullEngine.DATA, data);
    byte[] second = first.clone();
    machine.feed(first);
    assertEquals(TlsNeed.NOTHING, machine.read(ByteBuffer.allocate(10)));
    machine.feed(second);
    byte[] decrypted = plain(machine).view().array();
    assertTrue(has(decrypted, secret));
    assertTrue(has(second, secret));
    assertTrue(machine.release());
    assertFalse(has(decrypted, secret));
    assertFalse(has(second, secret));
  }

  private static boolean has(byte[] bytes, byte wanted) {
    return new String(bytes, ISO_8859_1).indexOf(wanted) >= 0;
  }

  /** What was decrypted and not read. */
  private static ByteQueue plain(TlsMachine machine) throws ReflectiveOperationException {
    Field inbox = TlsMachine.class.getDeclaredField("inbox");
    inbox.setAccessible(true);
    Field plain = TlsInbox.class.getDeclaredField("plain");
    plain.setAccessible(true);
    return (ByteQueue) plain.get(inbox.get(machine));
  }
}
