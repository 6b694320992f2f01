package dev.tercet.proto.dtls;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What an engine has said in one go, taken out of its records.
 *
 * @param flight what has to be said again until there is an answer
 * @param alerts what is said once (spec DTLS-D11)
 */
record EngineFlight(Flight flight, List<DtlsRecord> alerts) {
  /**
   * Reads an engine's records.
   *
   * @param records one or more in each
   * @param each told of each message of the handshake, in order
   */
  static EngineFlight of(List<byte[]> records, Consumer<HandshakeMessage> each) {
    EngineFlight said = new EngineFlight(new Flight(), new ArrayList<>());
    Reassembly parts = new Reassembly(0);
    boolean isFirstPart = true;
    for (byte[] bytes : records) {
      for (DtlsRecord record : DtlsRecord.splitUntrusted(ByteBuffer.wrap(bytes)).records()) {
        if (record.type() == DtlsRecord.ALERT) {
          said.alerts.add(record);
        } else if (record.epoch() > 0) {
          said.flight.addSealed(record);
        } else if (record.type() == DtlsRecord.CHANGE_CIPHER_SPEC) {
          said.flight.addCipherChange(record.version());
        } else {
          said.join(parts, record, isFirstPart, each);
          isFirstPart = false;
        }
      }
    }
    return said;
  }

  /** The engine cuts a message that is longer than a record. */
  private void join(
      Reassembly parts, DtlsRecord record, boolean isFirst, Consumer<HandshakeMessage> each) {
    try {
      List<HandshakeFragment> fragments = HandshakeFragment.parseUntrusted(record.fragment());
      if (isFirst) {
        parts.restartAt(fragments.get(0).number());
      }
      for (HandshakeFragment part : fragments) {
        parts.add(part, record.version());
      }
    } catch (BadPacketException e) {
      throw new IllegalStateException("the engine's own record is malformed", e);
    }
    HandshakeMessage message;
    while ((message = parts.poll()) != null) {
      each.accept(message);
      flight.add(message);
    }
  }
}
