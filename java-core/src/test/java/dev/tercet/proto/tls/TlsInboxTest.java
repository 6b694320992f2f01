package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What has come, and its first record. */
class TlsInboxTest {
  private static final byte[] RECORD = StubEngine.record(StubEngine.DATA, new byte[300]);
  private final TlsInbox inbox = new TlsInbox();

  @Test
  @DisplayName(
      "TLS-D2 the length of a record is known with its header, and whole with its last byte")
  void length() {
    assertEquals(Integer.MAX_VALUE, inbox.recordBytes());
    assertFalse(inbox.hasWholeRecord());
    inbox.feed(Arrays.copyOf(RECORD, 4));
    assertEquals(Integer.MAX_VALUE, inbox.recordBytes());
    inbox.feed(Arrays.copyOfRange(RECORD, 4, 5));
    assertEquals(305, inbox.recordBytes());
    inbox.feed(Arrays.copyOfRange(RECORD, 5, 304));
    assertFalse(inbox.hasWholeRecord());
    inbox.feed(new byte[1]);
    assertTrue(inbox.hasWholeRecord());
    assertEquals(305, inbox.size());
    inbox.feed(new byte[1]);
    assertTrue(inbox.hasWholeRecord());
  }

  @Test
  @DisplayName("TLS-K6 the type of a record is known with its first byte")
  void type() {
    assertFalse(inbox.startsWith(StubEngine.DATA));
    assertFalse(inbox.startsWith((byte) 0));
    inbox.feed(new byte[] {StubEngine.DATA});
    assertTrue(inbox.startsWith(StubEngine.DATA));
    assertFalse(inbox.startsWith(StubEngine.HANDSHAKE));
  }

  @Test
  @DisplayName("TLS-D4 a record goes into the caller's buffer if it fits and nothing is before it")
  void fits() {
    inbox.feed(RECORD.clone());
    assertFalse(inbox.fits(ByteBuffer.allocate(304)));
    assertTrue(inbox.fits(ByteBuffer.allocate(305)));
    inbox.addPlain(ByteBuffer.wrap(new byte[] {1, 2}));
    assertFalse(inbox.fits(ByteBuffer.allocate(400)));
    assertTrue(inbox.hasPlain());
    ByteBuffer into = ByteBuffer.allocate(1);
    inbox.takePlain(into);
    assertEquals(1, into.get(0));
    assertTrue(inbox.hasPlain());
    inbox.takePlain(into.clear());
    assertEquals(2, into.get(0));
    assertFalse(inbox.hasPlain());
    assertTrue(inbox.fits(ByteBuffer.allocate(400)));
  }

  @Test
  @DisplayName(
      "TLS-I2 it is empty when ciphertext and data are taken, and what is left is given out")
  void taken() {
    assertTrue(inbox.isEmpty());
    inbox.feed(RECORD.clone());
    assertFalse(inbox.isEmpty());
    assertEquals(305, inbox.view().remaining());
    inbox.drop(303);
    assertFalse(inbox.isEmpty());
    assertArrayEquals(new byte[2], inbox.takeAll());
    assertTrue(inbox.isEmpty());
    inbox.addPlain(ByteBuffer.wrap(new byte[] {1}));
    assertFalse(inbox.isEmpty());
    inbox.wipe();
    assertTrue(inbox.isEmpty());
    inbox.feed(RECORD.clone());
    inbox.wipe();
    assertTrue(inbox.isEmpty());
  }
}
