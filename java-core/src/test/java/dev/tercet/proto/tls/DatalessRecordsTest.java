package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The limit of records without data, number by number. */
class DatalessRecordsTest {
  private final DatalessRecords records = new DatalessRecords();

  private void accept(int count) {
    for (int i = 0; i < count; i++) {
      assertFalse(records.isOneTooMany(), "record " + i);
    }
  }

  @Test
  @DisplayName("TLS-L9 32 in a row are accepted, and the next is one too many")
  void row() {
    accept(32);
    assertTrue(records.isOneTooMany());
    assertEquals(33, records.all());
    records.endRow();
    accept(32);
    assertTrue(records.isOneTooMany());
    assertEquals(66, records.all());
  }

  @Test
  @DisplayName("TLS-L9 64 KiB of data that is sent allows for one more, in any pieces")
  void forgiven() {
    accept(32);
    records.forgive(64 * 1024 - 1);
    assertTrue(records.isOneTooMany());
    records.forgive(1);
    assertTrue(records.isOneTooMany());
    records.forgive(2 * 64 * 1024 + 60_000);
    accept(1);
    records.forgive(5_535);
    assertTrue(records.isOneTooMany());
    records.forgive(1 + 64 * 1024);
    accept(1);
  }

  @Test
  @DisplayName("TLS-L9 data that is sent when nothing is to be forgiven allows for nothing")
  void notSavedUp() {
    records.forgive(10 * 64 * 1024);
    accept(32);
    assertTrue(records.isOneTooMany());
  }

  private static boolean counts(boolean handshaken, byte... bytes) {
    TlsInbox inbox = new TlsInbox();
    inbox.feed(bytes);
    return DatalessRecords.counts(inbox, handshaken);
  }

  @Test
  @DisplayName("TLS-L9 in the handshake all records count but those of its messages")
  void whatCounts() {
    byte one = 1;
    for (byte type = 19; type <= 24; type++) {
      byte[] full = StubEngine.record(type, one);
      boolean ofHandshake = type == StubEngine.HANDSHAKE || type == StubEngine.DATA;
      assertEquals(!ofHandshake, counts(false, full), "type " + type);
      assertTrue(counts(true, full), "type " + type);
      assertTrue(counts(false, StubEngine.record(type)), "empty, type " + type);
    }
    assertFalse(counts(false, StubEngine.HANDSHAKE));
  }
}
