package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What waits to be sent, what of it the peer waits for, and where its memory goes. */
class TlsOutboxTest {
  private static final int BATCH_BYTES = 68 * 1024;

  private final MachinePair.FreshBuffers buffers = new MachinePair.FreshBuffers();
  private final TlsOutbox outbox = new TlsOutbox(buffers);

  private void put(int bytes, int value) {
    ByteBuffer space = outbox.space(bytes);
    for (int i = 0; i < bytes; i++) {
      space.put((byte) value);
    }
  }

  private void fill(int bytes) {
    put(bytes, 1);
    outbox.filled(bytes);
  }

  private void fillLazily(int bytes) {
    put(bytes, 2);
    outbox.filledLazily(bytes);
  }

  private int take() {
    ByteBuffer batch = outbox.take();
    if (batch == null) {
      return 0;
    }
    int bytes = batch.remaining();
    outbox.sent(batch);
    return bytes;
  }

  @Test
  @DisplayName("TLS-L4 answers are lazy up to 64 KiB, and the next one makes all of them urgent")
  void lazyLimit() {
    fillLazily(64 * 1024);
    assertFalse(outbox.hasUrgent());
    assertEquals(64 * 1024, outbox.mark());
    assertEquals(0, outbox.urgentMark());
    fillLazily(1);
    assertTrue(outbox.hasUrgent());
    assertTrue(outbox.endsUrgently());
    assertEquals(64 * 1024 + 1, outbox.urgentMark());
    assertEquals(64 * 1024 + 1, take());
    assertFalse(outbox.hasUrgent());
    fillLazily(64 * 1024);
    assertFalse(outbox.hasUrgent(), "what was taken counts no more");
  }

  @Test
  @DisplayName("TLS-L4 a batch ends urgently only when its last bytes are what the peer waits for")
  void urgent() {
    assertFalse(outbox.endsUrgently());
    fill(5);
    assertFalse(outbox.hasUrgent());
    assertFalse(outbox.endsUrgently());
    outbox.makeUrgent();
    assertTrue(outbox.hasUrgent());
    assertTrue(outbox.endsUrgently());
    fill(1);
    assertTrue(outbox.hasUrgent());
    assertFalse(outbox.endsUrgently());
    assertEquals(6, take());
    assertFalse(outbox.endsUrgently(), "nothing is in it");
  }

  @Test
  @DisplayName("a mark is sent when the batch with its bytes is, and not when it is taken")
  void marks() {
    fill(5);
    long mark = outbox.mark();
    assertFalse(outbox.isSent(mark));
    ByteBuffer batch = outbox.take();
    assertNotNull(batch);
    assertEquals(5, batch.remaining());
    assertTrue(outbox.isEmpty());
    assertFalse(outbox.isSent(mark));
    fill(1);
    assertFalse(outbox.isEmpty());
    outbox.sent(batch);
    assertTrue(outbox.isSent(mark));
    assertFalse(outbox.isSent(mark + 1));
    assertEquals(1, take());
    assertTrue(outbox.isSent(mark + 1));
    assertEquals(0, buffers.lent);
  }

  @Test
  @DisplayName("a batch has room for four records, and grows for one that does not fit")
  void room() {
    assertTrue(outbox.hasRoom(1_000_000), "the first record always fits");
    fill(BATCH_BYTES - 100);
    assertTrue(outbox.hasRoom(100));
    assertFalse(outbox.hasRoom(101));
    ByteBuffer small = outbox.space(100);
    assertEquals(BATCH_BYTES, small.capacity());
    assertSame(small, outbox.space(1));
    ByteBuffer larger = outbox.space(101);
    assertNotSame(small, larger);
    assertEquals(2 * BATCH_BYTES - 100, larger.capacity());
    assertEquals(1, buffers.lent);
    fill(200);
    ByteBuffer batch = outbox.take();
    assertNotNull(batch);
    assertEquals(BATCH_BYTES + 100, batch.remaining());
    for (int i = 0; i < batch.remaining(); i++) {
      assertEquals(1, batch.get(i));
    }
    outbox.sent(batch);
    ByteBuffer large = outbox.space(200_000);
    assertEquals(200_000, large.capacity());
    assertEquals(1, buffers.lent);
  }

  @Test
  @DisplayName("TLS-R3 lazy bytes lie in memory of their own size while the connection is idle")
  void trim() {
    fillLazily(100);
    outbox.trim();
    assertEquals(0, buffers.lent);
    assertFalse(outbox.isEmpty());
    assertTrue(outbox.hasRoom(BATCH_BYTES - 100));
    assertFalse(outbox.hasRoom(BATCH_BYTES - 99));
    fill(50);
    ByteBuffer batch = outbox.take();
    assertNotNull(batch);
    assertEquals(150, batch.remaining());
    assertEquals(2, batch.get(99));
    assertEquals(1, batch.get(100));
    outbox.sent(batch);

    fillLazily(100);
    outbox.trim();
    assertEquals(100, take(), "alone");
    assertEquals(0, buffers.lent);
    assertNull(outbox.take());
  }

  @Test
  @DisplayName("TLS-R3 what is about to be sent, and more than 16 KiB, is not laid by")
  void trimNothing() {
    outbox.trim();
    fill(1);
    fillLazily(100);
    outbox.trim();
    assertEquals(1, buffers.lent);
    assertEquals(101, take());
    fillLazily(16 * 1024);
    outbox.trim();
    assertEquals(0, buffers.lent);
    fillLazily(1);
    outbox.trim();
    assertEquals(1, buffers.lent);
    assertEquals(16 * 1024 + 1, take());
  }

  @Test
  @DisplayName("a buffer that was not filled goes back, and a discard forgets everything")
  void discard() {
    outbox.space(10);
    assertNull(outbox.take());
    assertEquals(0, buffers.lent);
    fill(10);
    outbox.makeUrgent();
    long mark = outbox.mark();
    outbox.discard();
    assertEquals(0, buffers.lent);
    assertTrue(outbox.isEmpty());
    assertFalse(outbox.hasUrgent());
    assertTrue(outbox.isSent(mark), "nobody is to wait for it");
    assertNull(outbox.take());
    fillLazily(10);
    outbox.trim();
    outbox.discard();
    assertNull(outbox.take());
    outbox.discard();
  }

  @Test
  @DisplayName("memory comes from the buffers that were set last")
  void otherBuffers() {
    assertSame(buffers, outbox.buffers());
    MachinePair.FreshBuffers others = new MachinePair.FreshBuffers();
    outbox.use(others);
    assertSame(others, outbox.buffers());
    outbox.space(1);
    assertEquals(1, others.lent);
    assertEquals(0, buffers.lent);
  }

  @Test
  @DisplayName(
      "TLS-L4 sixteen lazy records are lazy, one more is not, and what was taken is forgotten")
  void lazyRecords() {
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 16; i++) {
        fillLazily(1);
      }
      assertFalse(outbox.hasUrgent());
      if (round == 0) {
        assertEquals(16, take());
      }
    }
    outbox.discard();
    for (int i = 0; i < 16; i++) {
      fillLazily(1);
    }
    assertFalse(outbox.hasUrgent());
    fillLazily(1);
    assertTrue(outbox.hasUrgent());
  }

  @Test
  @DisplayName("TLS-C5 after a send that failed all output is dropped, and nobody waits for it")
  void lost() {
    fill(10);
    outbox.makeUrgent();
    assertFalse(outbox.isLost());
    outbox.lose();
    assertTrue(outbox.isLost());
    assertFalse(outbox.hasUrgent());
    assertEquals(0, buffers.lent);
    fill(5);
    assertEquals(15, outbox.mark());
    assertTrue(outbox.isSent(outbox.mark()));
    assertEquals(0, buffers.lent);
    for (int i = 0; i < 20; i++) {
      fillLazily(5);
    }
    assertFalse(outbox.hasUrgent());
    assertTrue(outbox.isEmpty());
    assertTrue(outbox.isSent(outbox.mark()));
    assertNull(outbox.take());
    assertEquals(0, buffers.lent);
    outbox.space(5);
    outbox.unfill(0);
    outbox.unfill(3);
    assertEquals(115, outbox.mark());
  }

  @Test
  @DisplayName("TLS-B19 what was put in last can be taken back")
  void unfill() {
    fill(10);
    put(5, 9);
    outbox.filled(5);
    outbox.unfill(5);
    assertEquals(10, outbox.mark());
    assertEquals(10, take());
    outbox.unfill(0);
    assertEquals(10, outbox.mark());
  }

  @Test
  @DisplayName("TLS-R3 a batch in front of which lazy bytes lie is as large as both together")
  void laidByAndLarge() {
    fillLazily(100);
    outbox.trim();
    ByteBuffer space = outbox.space(BATCH_BYTES);
    assertEquals(BATCH_BYTES + 100, space.capacity());
    assertEquals(100, space.position());
  }

  @Test
  @DisplayName("TLS-R3 a buffer that holds nothing goes back when the connection is idle")
  void trimEmpty() {
    outbox.space(10);
    outbox.trim();
    assertEquals(0, buffers.lent);
  }

  @Test
  @DisplayName("TLS-R3 taking nothing asks for no memory")
  void takeNothing() {
    assertNull(outbox.take());
    assertEquals(0, buffers.mostLentBytes);
  }
}
