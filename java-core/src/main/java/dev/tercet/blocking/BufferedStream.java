package dev.tercet.blocking;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A two-way stream that can also receive lines and an exact number of bytes: a {@link
 * BufferedReceiveStream} and its stream as one stream (spec IO-B6).
 *
 * <pre>{@code
 * try (var mail = BufferedStream.wrap(Net.openTcpStream("mail.example", 25))) {
 *   System.out.println(mail.receiveLine(1000));
 *   mail.sendLine("EHLO client.example");
 * }
 * }</pre>
 *
 * <p>It receives ahead. A TLS stream that wraps this one starts with the bytes received ahead, so
 * nothing is lost when a protocol changes to TLS. <strong>Before that, a client must check that
 * nothing is {@linkplain #buffered buffered}:</strong> bytes received before the handshake are not
 * authentic. They must not become a part of the encrypted conversation.
 *
 * <p>Nothing is lost when an operation that receives ends early: see {@link BufferedReceiveStream}.
 *
 * <p>Blocking; the suspending twin is {@code dev.tercet.coroutines.BufferedStream}.
 *
 * <p><i>Thread-safety:</i> one thread may send while another receives; a second one of a kind gets
 * {@link dev.tercet.BusyResourceException}.
 *
 * @param <T> the type of the stream below
 */
public final class BufferedStream<T extends Stream> implements Stream {
  private final T transport;
  private final BufferedReceiveStream receiving;

  private BufferedStream(T transport) {
    this.transport = transport;
    this.receiving = BufferedReceiveStream.wrap(transport);
  }

  /**
   * Buffers a stream, which it owns from now on.
   *
   * @param transport the stream below
   * @param <T> its type
   * @return the buffered stream; nothing has been received yet
   */
  public static <T extends Stream> BufferedStream<T> wrap(T transport) {
    return new BufferedStream<>(transport);
  }

  /**
   * The stream below. Bytes that were {@linkplain #buffered received ahead} are not in it any more.
   *
   * @return the object that was wrapped
   */
  public T transportStream() {
    return transport;
  }

  /**
   * How many bytes have been received ahead: as {@link BufferedReceiveStream#buffered}.
   *
   * <p><i>Errors:</i> {@link dev.tercet.BusyResourceException} while another thread is receiving.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> excludes receiving.
   *
   * @return 0 or more
   */
  public int buffered() {
    return receiving.buffered();
  }

  /**
   * Receives an exact number of bytes: as {@link BufferedReceiveStream#receiveExactly}.
   *
   * <p><i>Errors:</i> as there.
   *
   * <p><i>Interruption:</i> no effect: the bytes are kept, the next operation starts with them.
   *
   * <p><i>Thread-safety:</i> one receiver at a time.
   *
   * @param count how many bytes, 0 or more
   * @return that many bytes
   * @throws IOException when there are not so many
   * @throws InterruptedException when interrupted before or while waiting
   */
  public byte[] receiveExactly(int count) throws IOException, InterruptedException {
    return receiving.receiveExactly(count);
  }

  /**
   * Receives up to a delimiter: as {@link BufferedReceiveStream#receiveUntil}.
   *
   * <p><i>Errors:</i> as there.
   *
   * <p><i>Interruption:</i> no effect: the bytes are kept, the next operation starts with them.
   *
   * <p><i>Thread-safety:</i> one receiver at a time.
   *
   * @param delimiter at least one byte; not retained
   * @param maxBytes how many bytes there may be before the delimiter, 0 or more
   * @return the bytes before the delimiter, maybe none
   * @throws IOException when there is no delimiter
   * @throws InterruptedException when interrupted before or while waiting
   */
  public byte[] receiveUntil(byte[] delimiter, int maxBytes)
      throws IOException, InterruptedException {
    return receiving.receiveUntil(delimiter, maxBytes);
  }

  /**
   * Receives a line of UTF-8 text: as {@link BufferedReceiveStream#receiveLine}.
   *
   * <p><i>Errors:</i> as there.
   *
   * <p><i>Interruption:</i> no effect: the bytes are kept, the next operation starts with them.
   *
   * <p><i>Thread-safety:</i> one receiver at a time.
   *
   * @param maxBytes how many bytes the line may have without its end, 0 or more
   * @return the line without its end, maybe empty; null at EOF
   * @throws IOException when the line is too long, or the stream ends inside of it
   * @throws InterruptedException when interrupted before or while waiting
   */
  public @Nullable String receiveLine(int maxBytes) throws IOException, InterruptedException {
    return receiving.receiveLine(maxBytes);
  }

  /**
   * Takes the bytes received ahead: as {@link BufferedReceiveStream#takeBuffered}.
   *
   * <p><i>Errors:</i> {@link dev.tercet.BusyResourceException} while another thread is receiving.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> excludes receiving.
   *
   * @return the bytes, maybe none
   */
  public byte[] takeBuffered() {
    return receiving.takeBuffered();
  }

  /** What receives, for who asks how much is there. */
  BufferedReceiveStream receiving() {
    return receiving;
  }

  @Override
  public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
    transport.sendAll(data);
  }

  @Override
  public long sendFile(Path file) throws IOException, InterruptedException {
    return transport.sendFile(file);
  }

  @Override
  public long sendFile(Path file, long offset, long count)
      throws IOException, InterruptedException {
    return transport.sendFile(file, offset, count);
  }

  @Override
  public long sendFile(FileChannel file, long offset, long count)
      throws IOException, InterruptedException {
    return transport.sendFile(file, offset, count);
  }

  @Override
  public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
    transport.waitSendAllMightNotBlock();
  }

  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    return receiving.receiveSome(into);
  }

  @Override
  public byte[] receiveSome(int maxBytes) throws IOException, InterruptedException {
    return receiving.receiveSome(maxBytes);
  }

  /** Closes the stream below; bytes received ahead are discarded (spec IO-R6). */
  @Override
  public void close() throws IOException {
    receiving.close();
  }

  @Override
  public void closeForcefully() {
    receiving.closeForcefully();
  }

  @Override
  public String toString() {
    return "BufferedStream(" + transport + ")";
  }
}
