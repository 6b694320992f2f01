package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.proto.dtls.DtlsRecord;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.tls.DatagramTransport;
import org.jspecify.annotations.Nullable;

/**
 * What Bouncy Castle takes for the network. In the handshake, {@link #receive} is where the
 * engine's thread stops until it is fed. Afterwards there is no such thread: {@code receive} finds
 * the one record that is to be opened, and the second time throws, which Bouncy Castle takes for
 * "nothing now".
 *
 * <p>The limit that it is told for receiving is the length of the record at hand, because Bouncy
 * Castle allocates as much for each.
 */
final class EngineTransport implements DatagramTransport {
  private static final int LONGEST_RECORD_BYTES =
      DtlsRecord.HEADER_BYTES + DtlsRecord.MAX_FRAGMENT_BYTES;

  /** Without a stack trace: it is thrown for each record that is opened to nothing. */
  private static final class NothingMore extends InterruptedIOException {
    private static final long serialVersionUID = 1L;

    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }

  private final EngineBaton turns;
  private final List<byte[]> sent = new ArrayList<>();
  private byte @Nullable [] input;
  private boolean isHandshaking = true;
  private int sendLimitBytes = LONGEST_RECORD_BYTES;

  EngineTransport(EngineBaton turns) {
    this.turns = turns;
  }

  /** Sets what the next call of receive finds. */
  void put(byte[] record) {
    input = record;
  }

  /** Takes all that was sent. */
  List<byte[]> takeSent() {
    List<byte[]> taken = new ArrayList<>(sent);
    sent.clear();
    return taken;
  }

  /** Takes the last that was sent, and forgets what was before it. */
  byte[] takeLastSent() {
    byte[] last = sent.get(sent.size() - 1);
    sent.clear();
    return last;
  }

  /** From now on, receive does not stop any thread. */
  void handshakeIsOver() {
    isHandshaking = false;
  }

  /** Sets how long a record may be that is sent; null for the protocol's own limit. */
  void limitSending(@Nullable Integer bytes) {
    sendLimitBytes = bytes == null ? LONGEST_RECORD_BYTES : bytes;
  }

  @Override
  public int getReceiveLimit() {
    return isHandshaking || input == null ? LONGEST_RECORD_BYTES : input.length;
  }

  @Override
  public int getSendLimit() {
    return sendLimitBytes;
  }

  @Override
  public int receive(byte[] buffer, int offset, int length, int waitMillis) throws IOException {
    if (input == null) {
      if (!isHandshaking) {
        throw new NothingMore();
      }
      turns.awaitInput();
    }
    byte[] record = input;
    input = null;
    if (record == null || record.length > length) {
      throw new IOException("the engine was fed nothing that it can read");
    }
    System.arraycopy(record, 0, buffer, offset, record.length);
    return record.length;
  }

  @Override
  public void send(byte[] buffer, int offset, int length) throws IOException {
    if (isHandshaking) {
      turns.throwIfAborted();
    }
    sent.add(Arrays.copyOfRange(buffer, offset, offset + length));
  }

  @Override
  public void close() {}
}
