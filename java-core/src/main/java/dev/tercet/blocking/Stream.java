package dev.tercet.blocking;

import java.nio.channels.ByteChannel;

/**
 * A byte stream in both directions. The directions are independent: one thread may send while
 * another receives.
 */
public interface Stream extends SendStream, ReceiveStream {
  /**
   * This stream as the JDK's type: a read is a {@link #receiveSome}, a write is a {@link #sendAll},
   * closing it closes this stream.
   *
   * <p><i>Errors:</i> of its methods, as of this stream's; {@link
   * dev.tercet.ClosedResourceException} becomes {@link java.nio.channels.ClosedChannelException}.
   *
   * <p><i>Interruption:</i> an interrupt, or the expiry of a cancel scope, becomes {@link
   * java.io.InterruptedIOException}. The interrupt flag is kept. Unlike the JDK's channels, this
   * one is not closed.
   *
   * <p><i>Thread-safety:</i> as this stream.
   *
   * @return a view of this stream
   */
  default ByteChannel asByteChannel() {
    return new StreamByteChannel(this);
  }
}
