package dev.tercet.proto.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How one flight is packed, again and again. */
class FlightTest {
  private static final int VERSION = DtlsRecord.VERSION_1_2;

  private final Flight flight = new Flight();
  private final byte[] sealed = new byte[DtlsRecord.HEADER_BYTES + 200];
  private long nextNumber;

  /** A certificate, an empty ServerHelloDone, the change, and something sealed of 213 bytes. */
  @BeforeEach
  void fill() {
    flight.add(new HandshakeMessage(HandshakeMessage.CERTIFICATE, 3, VERSION, new byte[900]));
    flight.add(new HandshakeMessage(HandshakeMessage.SERVER_HELLO_DONE, 4, VERSION, new byte[0]));
    flight.addCipherChange(VERSION);
    ByteBuffer.wrap(sealed)
        .put((byte) DtlsRecord.HANDSHAKE)
        .putShort((short) VERSION)
        .putLong((1L << 48) | 77)
        .putShort((short) 200);
    flight.addSealed(DtlsRecord.splitUntrusted(ByteBuffer.wrap(sealed)).records().get(0));
  }

  private List<DtlsRecord> pack(int mtu, int datagrams) {
    List<DtlsRecord> records = new ArrayList<>();
    List<byte[]> packed = flight.pack(mtu, () -> nextNumber++);
    assertEquals(datagrams, packed.size(), "MTU " + mtu);
    for (byte[] datagram : packed) {
      records.addAll(DtlsRecord.splitUntrusted(ByteBuffer.wrap(datagram)).records());
    }
    return records;
  }

  @Test
  @DisplayName(
      "DTLS-E10 each transmission is packed for the MTU of now, with record numbers never used")
  void packedAnew() throws BadPacketException {
    // All in one; then cut, and still several records in a datagram.
    List<DtlsRecord> first = pack(1472, 1);
    assertEquals(4, first.size());
    List<DtlsRecord> second = pack(548, 3);
    assertEquals(5, second.size());
    List<DtlsRecord> third = pack(1472, 1);
    assertEquals(4, third.size());
    long expected = 0;
    for (List<DtlsRecord> transmission : List.of(first, second, third)) {
      for (DtlsRecord record : transmission) {
        if (record.epoch() == 0) {
          assertEquals(expected++, record.sequence());
        }
      }
    }
    int before = 0;
    for (DtlsRecord record : second.subList(0, 2)) {
      HandshakeFragment part = HandshakeFragment.parseUntrusted(record.fragment()).get(0);
      assertEquals(before, part.offset());
      before += part.part().length;
    }
    assertEquals(900, before);
  }

  @Test
  @DisplayName(
      "DTLS-E11 the change and what is sealed are never cut; what is sealed keeps number and bytes")
  void neverCut() {
    for (int mtu : new int[] {64, 100, 548, 1472}) {
      int changes = 0;
      int kept = 0;
      for (byte[] datagram : flight.pack(mtu, () -> nextNumber++)) {
        for (DtlsRecord record : DtlsRecord.splitUntrusted(ByteBuffer.wrap(datagram)).records()) {
          if (record.type() == DtlsRecord.CHANGE_CIPHER_SPEC) {
            changes++;
            assertEquals(1, record.fragment().remaining());
          } else if (record.epoch() == 1) {
            kept++;
            assertArrayEquals(sealed, record.bytes());
            assertEquals(77, record.sequence());
            // Alone, when it is longer than the MTU.
            assertTrue(datagram.length <= mtu || datagram.length == sealed.length, "MTU " + mtu);
          }
        }
      }
      assertEquals(1, changes);
      assertEquals(1, kept);
    }
  }

  @Test
  @DisplayName("DTLS-E12 an empty message has one fragment, with nothing in it")
  void emptyMessage() throws BadPacketException {
    for (int mtu : new int[] {64, 1472}) {
      int parts = 0;
      for (byte[] datagram : flight.pack(mtu, () -> nextNumber++)) {
        for (DtlsRecord record : DtlsRecord.splitUntrusted(ByteBuffer.wrap(datagram)).records()) {
          if (record.epoch() == 0 && record.type() == DtlsRecord.HANDSHAKE) {
            for (HandshakeFragment part : HandshakeFragment.parseUntrusted(record.fragment())) {
              if (part.type() == HandshakeMessage.SERVER_HELLO_DONE) {
                parts++;
                assertEquals(0, part.messageBytes());
                assertEquals(0, part.part().length);
                assertTrue(part.isWhole());
              }
            }
          }
        }
      }
      assertEquals(1, parts, "MTU " + mtu);
    }
  }

  @Test
  @DisplayName("DTLS-E13 a hello is never cut, however short datagrams are to be")
  void hello() throws BadPacketException {
    Flight first = new Flight();
    first.add(new HandshakeMessage(HandshakeMessage.CLIENT_HELLO, 0, VERSION, new byte[250]));
    List<byte[]> packed = first.pack(100, () -> nextNumber++);
    assertEquals(1, packed.size());
    DtlsRecord record = DtlsRecord.splitUntrusted(ByteBuffer.wrap(packed.get(0))).records().get(0);
    assertTrue(HandshakeFragment.parseUntrusted(record.fragment()).get(0).isWhole());
    assertEquals(275, packed.get(0).length);
  }
}
