package dev.tercet.proto.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.TestCertificates;
import dev.tercet.TlsRole;
import dev.tercet.proto.tls.NullEngine.Quirk;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the machine does not leave to its engine: limits, whom it talks to, and wiping. */
class TlsDefencesTest {
  private static final KeyPair KEYS = TestCertificates.keys("EC");
  private static final X509Certificate ONE = certificate("CN=one");
  private static final X509Certificate OTHER = certificate("CN=other");
  private static final X509Certificate[] NOBODY = {};

  /** The longest record that any engine takes, with its header. */
  private static final int MAX_RECORD_BYTES = 33_098;

  private static X509Certificate certificate(String subject) {
    return TestCertificates.of(KEYS, "SHA256withECDSA", subject);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @DisplayName("TLS-R2 a record that does not end is refused at the longest that an engine takes")
  void endlessRecord(boolean roomFirst) throws Exception {
    NullEngine engine = roomFirst ? new NullEngine(true, Quirk.ROOM_FIRST) : new NullEngine(true);
    TlsMachine machine =
        new TlsMachine(engine, TlsRole.CLIENT, false, false, new MachinePair.FreshBuffers());
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

  /** A handshake, a new one that the server asks for, and how the client takes it. */
  private static MachinePair renegotiated(X509Certificate[] first, X509Certificate[] second) {
    NullEngine client = new NullEngine(true, Quirk.RENEGOTIATES).withPeers(first, second);
    NullEngine server = new NullEngine(false, Quirk.RENEGOTIATES);
    MachinePair pair = MachinePair.of(client, server).handshaken();
    pair.client.machine.feed(NullEngine.record(NullEngine.HANDSHAKE, (byte) 'R'));
    byte[] data = {1, 2, 3};
    pair.client.machine.feed(NullEngine.record(NullEngine.DATA, data));
    pair.run(pair.client.read(data.length), () -> TlsNeed.NOTHING);
    return pair;
  }

  @Test
  @DisplayName("TLS-K7 the same peer may begin a new handshake, also with another chain")
  void samePeer() {
    for (MachinePair pair :
        List.of(
            renegotiated(chain(ONE), chain(ONE)),
            renegotiated(chain(ONE, OTHER), chain(ONE)),
            renegotiated(NOBODY, chain(ONE)))) {
      assertNull(pair.client.failure);
      assertEquals(3, pair.client.received.size());
    }
  }

  @Test
  @DisplayName("TLS-K7 another peer after a renegotiation is refused, and so is one with no name")
  void otherPeer() {
    for (MachinePair pair :
        List.of(
            renegotiated(chain(ONE), chain(OTHER)),
            renegotiated(chain(ONE), chain(OTHER, ONE)),
            renegotiated(chain(ONE), NOBODY))) {
      String reason =
          pair.client.failure instanceof BrokenResourceException e ? e.reason() : "no failure";
      assertTrue(reason.contains("changed its certificate in a renegotiation"), reason);
      assertEquals(0, pair.client.received.size());
      byte[] goodbye = NullEngine.record(NullEngine.ALERT, (byte) 'B');
      byte[] sent = pair.toServer.all.toByteArray();
      assertEquals(
          ByteBuffer.wrap(goodbye),
          ByteBuffer.wrap(sent, sent.length - goodbye.length, goodbye.length));
    }
  }

  private static X509Certificate[] chain(X509Certificate... chain) {
    return chain;
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
    byte[] decrypted = turns(machine).plain.view().array();
    assertTrue(has(decrypted, secret));
    assertTrue(has(second, secret));
    assertTrue(machine.release());
    assertFalse(has(decrypted, secret));
    assertFalse(has(second, secret));
  }

  private static boolean has(byte[] bytes, byte wanted) {
    return new String(bytes, ISO_8859_1).indexOf(wanted) >= 0;
  }

  private static TlsTurns turns(TlsMachine machine) throws ReflectiveOperationException {
    Field field = TlsMachine.class.getDeclaredField("turns");
    field.setAccessible(true);
    return (TlsTurns) field.get(machine);
  }
}
