package dev.tercet.blocking;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Two one-way streams as one two-way stream, such as the input and the output of a process (spec
 * IO-H7). Each operation is that of the stream below.
 *
 * @param <S> the type of the sending stream, kept for access to its own members (spec IO-H10)
 * @param <R> the type of the receiving stream
 */
public final class StapledStream<S extends SendStream, R extends ReceiveStream>
    implements HalfCloseableStream {
  private final S sendStream;
  private final R receiveStream;

  private StapledStream(S sendStream, R receiveStream) {
    this.sendStream = Objects.requireNonNull(sendStream, "sendStream");
    this.receiveStream = Objects.requireNonNull(receiveStream, "receiveStream");
  }

  /**
   * Staples two streams, which it owns from now on.
   *
   * @param sendStream the target of {@link #sendAll}
   * @param receiveStream the source of {@link #receiveSome}
   * @param <S> the type of the sending stream
   * @param <R> the type of the receiving stream
   * @return the two-way stream
   */
  public static <S extends SendStream, R extends ReceiveStream> StapledStream<S, R> of(
      S sendStream, R receiveStream) {
    return new StapledStream<>(sendStream, receiveStream);
  }

  /**
   * The sending stream.
   *
   * @return the object that was stapled
   */
  public S sendStream() {
    return sendStream;
  }

  /**
   * The receiving stream.
   *
   * @return the object that was stapled
   */
  public R receiveStream() {
    return receiveStream;
  }

  @Override
  public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
    sendStream.sendAll(data);
  }

  @Override
  public void sendAll(byte[] data) throws IOException, InterruptedException {
    sendStream.sendAll(data);
  }

  @Override
  public void sendAll(byte[] data, int offset, int length)
      throws IOException, InterruptedException {
    sendStream.sendAll(data, offset, length);
  }

  @Override
  public long sendFile(Path file) throws IOException, InterruptedException {
    return sendStream.sendFile(file);
  }

  @Override
  public long sendFile(Path file, long offset, long count)
      throws IOException, InterruptedException {
    return sendStream.sendFile(file, offset, count);
  }

  @Override
  public long sendFile(FileChannel file, long offset, long count)
      throws IOException, InterruptedException {
    return sendStream.sendFile(file, offset, count);
  }

  @Override
  public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
    sendStream.waitSendAllMightNotBlock();
  }

  /**
   * Ends the sending stream: with its own {@code sendEof} if it has one, else by closing it (spec
   * IO-H8).
   *
   * <p><i>Errors:</i> those of the sending stream.
   *
   * <p><i>Interruption:</i> as the sending stream's {@code sendEof} or {@code close}.
   *
   * <p><i>Thread-safety:</i> as the sending stream's.
   */
  @Override
  public void sendEof() throws IOException, InterruptedException {
    if (sendStream instanceof HalfCloseableStream halfCloseable) {
      halfCloseable.sendEof();
    } else {
      sendStream.close();
    }
  }

  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    return receiveStream.receiveSome(into);
  }

  @Override
  public byte[] receiveSome() throws IOException, InterruptedException {
    return receiveStream.receiveSome();
  }

  @Override
  public byte[] receiveSome(int maxBytes) throws IOException, InterruptedException {
    return receiveStream.receiveSome(maxBytes);
  }

  /**
   * Closes the sending stream, then the receiving one, also when the first fails (spec IO-H9).
   *
   * <p><i>Errors:</i> that of the sending stream, with that of the receiving one suppressed in it;
   * or the only one.
   *
   * <p><i>Interruption:</i> as the streams below.
   *
   * <p><i>Thread-safety:</i> any thread, any number of times.
   */
  @Override
  public void close() throws IOException {
    try {
      sendStream.close();
    } catch (Throwable first) {
      try {
        receiveStream.close();
      } catch (Throwable second) {
        if (second != first) {
          first.addSuppressed(second);
        }
      }
      throw first;
    }
    receiveStream.close();
  }

  @Override
  public void closeForcefully() {
    sendStream.closeForcefully();
    receiveStream.closeForcefully();
  }

  @Override
  public String toString() {
    return "StapledStream(" + sendStream + ", " + receiveStream + ")";
  }
}
