package dev.tercet.proto.dtls;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one side says in one go, and has to say again until the other side answers (RFC 6347 section
 * 4.2.4): whole messages, the change of ciphers, and what is sealed already.
 *
 * <p><b>The problem.</b> The engine writes records for a network that it does not know. The same
 * flight has to go out again, perhaps in smaller datagrams, and a record number must not be used
 * twice.
 *
 * <p><b>The strategy.</b> Messages are kept whole, without records. For each transmission they are
 * packed anew (spec DTLS-E10): cut to the MTU of now, several records to a datagram, fresh record
 * numbers. Sealed records are the exception: they go out byte for byte as the engine made them,
 * because their number is sealed in (spec DTLS-E11). A message is cut rather than leave room, but
 * not into crumbs: a fragment has 25 bytes of headers.
 *
 * <p>No datagram is longer than the MTU (spec DTLS-E14), unless a sealed record alone is, or a
 * hello: a server that has kept nothing of a client cannot join its parts (spec DTLS-E13).
 */
public final class Flight {
  /** A smaller rest of a datagram is left empty. */
  private static final int MIN_PART_BYTES = 32;

  private static final int HEADERS_BYTES = DtlsRecord.HEADER_BYTES + HandshakeMessage.HEADER_BYTES;

  private final List<Item> items = new ArrayList<>();

  /** One of the three is given. */
  private record Item(
      @Nullable HandshakeMessage message, @Nullable DtlsRecord sealed, int changeVersion) {}

  /** Makes an empty one. */
  public Flight() {}

  /**
   * Whether there is nothing to send.
   *
   * @return true at first
   */
  public boolean isEmpty() {
    return items.isEmpty();
  }

  /**
   * Adds a message.
   *
   * @param message whole
   */
  public void add(HandshakeMessage message) {
    items.add(new Item(message, null, 0));
  }

  /** Adds the change of ciphers. */
  public void addCipherChange(int version) {
    items.add(new Item(null, null, version));
  }

  /**
   * Adds a record that stays as it is.
   *
   * @param record of epoch 1 or later
   */
  public void addSealed(DtlsRecord record) {
    items.add(new Item(null, record, 0));
  }

  /**
   * Packs it for the network.
   *
   * @param mtuBytes the longest datagram, without the headers of UDP and IP; 64 or more
   * @param numbers gives record numbers of epoch 0
   * @return datagrams, in order
   */
  public List<byte[]> pack(int mtuBytes, LongSupplier numbers) {
    Packing packing = new Packing(mtuBytes);
    for (Item item : items) {
      if (item.message != null) {
        packing.addMessage(item.message, numbers);
      } else if (item.sealed != null) {
        packing.addRecord(item.sealed);
      } else {
        packing.addRecord(
            DtlsRecord.clear(
                DtlsRecord.CHANGE_CIPHER_SPEC,
                item.changeVersion,
                numbers.getAsLong(),
                new byte[] {1}));
      }
    }
    packing.endDatagram();
    return packing.datagrams;
  }

  private static final class Packing {
    final List<byte[]> datagrams = new ArrayList<>();
    private final int mtuBytes;
    private final ByteArrayOutputStream datagram = new ByteArrayOutputStream();

    Packing(int mtuBytes) {
      this.mtuBytes = mtuBytes;
    }

    void addMessage(HandshakeMessage message, LongSupplier numbers) {
      int offset = 0;
      do {
        int rest = message.body().length - offset;
        int room = mtuBytes - datagram.size() - HEADERS_BYTES;
        if (room < Math.min(rest, MIN_PART_BYTES)) {
          endDatagram();
          room = mtuBytes - HEADERS_BYTES;
        }
        if (message.type() == HandshakeMessage.CLIENT_HELLO) {
          room = rest;
        }
        // A record has its own limit, which is less than the longest datagram.
        int most = DtlsRecord.MAX_PLAINTEXT_BYTES - HandshakeMessage.HEADER_BYTES;
        int length = Math.min(Math.min(rest, room), most);
        addRecord(
            DtlsRecord.clear(
                DtlsRecord.HANDSHAKE,
                message.version(),
                numbers.getAsLong(),
                message.fragment(offset, length)));
        offset += length;
      } while (offset < message.body().length);
    }

    void addRecord(DtlsRecord record) {
      if (datagram.size() + record.bytes().length > mtuBytes) {
        endDatagram();
      }
      datagram.writeBytes(record.bytes());
    }

    void endDatagram() {
      if (datagram.size() > 0) {
        datagrams.add(datagram.toByteArray());
        datagram.reset();
      }
    }
  }
}
