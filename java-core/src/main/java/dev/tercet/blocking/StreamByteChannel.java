package dev.tercet.blocking;

import dev.tercet.ClosedResourceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;

/**
 * A {@link Stream} as the JDK's type. Unlike the JDK's own channels it is not closed by an
 * interrupt.
 */
final class StreamByteChannel implements ByteChannel {
  private final Stream stream;
  private volatile boolean closed;

  StreamByteChannel(Stream stream) {
    this.stream = stream;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    ensureOpen();
    if (!into.hasRemaining()) {
      return 0;
    }
    try {
      return JdkCalls.receive(() -> stream.receiveSome(into));
    } catch (ClosedResourceException e) {
      throw closed(e);
    }
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    ensureOpen();
    int length = from.remaining();
    try {
      JdkCalls.send(() -> stream.sendAll(from));
    } catch (ClosedResourceException e) {
      throw closed(e);
    }
    return length;
  }

  /**
   * False after {@link #close} of this channel; what happened to the stream itself it cannot know.
   */
  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() throws IOException {
    closed = true;
    JdkCalls.send(stream::close);
  }

  @Override
  public String toString() {
    return "ByteChannel(" + stream + ")";
  }

  private void ensureOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  private static ClosedChannelException closed(ClosedResourceException cause) {
    ClosedChannelException e = new ClosedChannelException();
    e.initCause(cause);
    return e;
  }
}
