package dev.tercet.blocking;

import dev.tercet.ResourceException;
import dev.tercet.internal.net.NonBlockingSocket;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A {@link ReceiveStream} as the JDK's type.
 *
 * <p>{@link #available} matters to {@code GZIPInputStream}: before JDK 23 it takes 0 at the end of
 * a member for the end of the data. NIO cannot tell how many bytes there are, only whether a read
 * would wait. So the answer for a socket is 1 or 0. With TLS 1 also stands for bytes that may be no
 * data: {@code GZIPInputStream} looks again, and 0 would lose data.
 */
final class ReceiveStreamInput extends InputStream {
  private final ReceiveStream stream;
  private boolean isAtEnd;

  ReceiveStreamInput(ReceiveStream stream) {
    this.stream = stream;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    int n = JdkCalls.receive(() -> stream.receiveSome(ByteBuffer.wrap(bytes, offset, length)));
    isAtEnd = n < 0;
    return n;
  }

  @Override
  public int available() throws IOException {
    return isAtEnd ? 0 : available(stream);
  }

  private static int available(ReceiveStream stream) throws IOException {
    if (stream instanceof BufferedReceiveStream buffered) {
      int n = buffered.buffered();
      return n > 0 ? n : available(buffered.receiveStream());
    }
    if (stream instanceof BufferedStream<?> buffered) {
      return available(buffered.receiving());
    }
    if (stream instanceof StapledStream<?, ?> stapled) {
      return available(stapled.receiveStream());
    }
    if (stream instanceof TlsStream<?> tls) {
      return tls.hasInput() ? 1 : available(tls.below());
    }
    return stream instanceof SocketStream socket && isReadable(socket.socket().inner()) ? 1 : 0;
  }

  private static boolean isReadable(NonBlockingSocket socket) throws IOException {
    try {
      return socket.isReadable();
    } catch (ResourceException e) {
      throw e;
    } catch (IOException e) {
      // No descriptors for the question. It is an estimate.
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    JdkCalls.send(stream::close);
  }

  @Override
  public String toString() {
    return "InputStream(" + stream + ")";
  }
}
