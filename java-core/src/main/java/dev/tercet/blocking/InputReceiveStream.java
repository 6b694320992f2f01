package dev.tercet.blocking;

import dev.tercet.BrokenResourceException;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.Parking;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A JDK input stream as a {@link ReceiveStream}. A read that blocks ends at an interrupt only if
 * the input stream itself does so; most do not, and then the interrupt is noticed at the next call.
 */
final class InputReceiveStream implements ReceiveStream {
  private final InputStream input;
  private final String name;
  private final Exclusive receiving = new Exclusive("another task is receiving");
  private volatile boolean closed;

  /** Guarded by {@link #receiving}. A terminal would wait for more if it were asked again. */
  private boolean ended;

  /** Guarded by {@link #receiving}. */
  private @Nullable IOException broken;

  InputReceiveStream(InputStream input) {
    this(input, input.toString());
  }

  InputReceiveStream(InputStream input, String name) {
    this.input = input;
    this.name = name;
  }

  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    if (!into.hasRemaining()) {
      throw new IllegalArgumentException("there is no room to receive into");
    }
    receiving.enter();
    try {
      Parking.checkpoint();
      if (closed) {
        throw OutputSendStream.closedByUs();
      }
      if (broken != null) {
        throw new BrokenResourceException(OutputSendStream.STREAM_BROKEN, broken);
      }
      int n = ended ? -1 : read(into);
      if (closed) {
        throw OutputSendStream.closedByUs();
      }
      ended = n < 0;
      return n;
    } finally {
      receiving.exit();
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    input.close();
    Parking.throwIfExpired();
  }

  @Override
  public void closeForcefully() {
    closed = true;
    try {
      input.close();
    } catch (IOException e) {
      // Closing forcefully has no errors: the stream is closed, if not well.
    }
  }

  @Override
  public String toString() {
    return "ReceiveStream(" + name + ")";
  }

  private int read(ByteBuffer into) throws IOException, InterruptedException {
    try {
      if (into.hasArray()) {
        int n = read(into.array(), into.arrayOffset() + into.position(), into.remaining());
        into.position(into.position() + Math.max(n, 0));
        return n;
      }
      byte[] bytes = new byte[Math.min(into.remaining(), DEFAULT_RECEIVE_BYTES)];
      int n = read(bytes, 0, bytes.length);
      into.put(bytes, 0, Math.max(n, 0));
      return n;
    } catch (IOException e) {
      if (closed) {
        throw OutputSendStream.closedByUs();
      }
      if (OutputSendStream.isInterrupt(e)) {
        throw OutputSendStream.asInterrupt(e);
      }
      broken = e;
      throw new BrokenResourceException(OutputSendStream.STREAM_BROKEN, e);
    }
  }

  private int read(byte[] bytes, int offset, int length) throws IOException {
    int n = input.read(bytes, offset, length);
    if (n != 0) {
      return n;
    }
    // Not allowed by InputStream, and done by some. A single byte cannot be answered with nothing.
    int one = input.read();
    if (one < 0) {
      return -1;
    }
    bytes[offset] = (byte) one;
    return 1;
  }
}
