package dev.tercet.internal.nio;

import dev.tercet.ClosedResourceException;
import dev.tercet.internal.loop.Readiness;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.net.NonBlockingHandle;
import dev.tercet.internal.wait.Latch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;

/**
 * A channel on a loop: what sockets of every kind and pipes have in common. Whether it is closed is
 * for {@link Readiness} to say, and not for the channel: a close waits there for the loop, and
 * whoever uses the channel in between must hear of it.
 *
 * @param <C> the kind of channel
 */
public abstract class LoopChannel<C extends SelectableChannel> implements NonBlockingHandle {
  private static final int MAX_HEAP_BYTES_PER_CALL = 128 * 1024;

  /** In non-blocking mode. */
  protected final C channel;

  /** Who waits for it. */
  protected final Readiness readiness;

  private final String closedText;

  /**
   * Takes over a channel, which does not block any more.
   *
   * @param closedText what whoever uses it after its close is told
   * @throws IOException when it cannot be configured
   */
  protected LoopChannel(C channel, SelectorLoop loop, String closedText) throws IOException {
    this.channel = channel;
    this.closedText = closedText;
    channel.configureBlocking(false);
    readiness = new Readiness(loop, channel);
  }

  /**
   * How many bytes of a buffer a system call should take. The JDK copies all that is left of a heap
   * buffer into a direct one at every attempt, and caches a buffer of that size per thread (spec
   * IO-SS5).
   *
   * @return at most what is left of it
   */
  protected static int callBytes(ByteBuffer buffer) {
    int remaining = buffer.remaining();
    return buffer.isDirect() ? remaining : Math.min(remaining, MAX_HEAP_BYTES_PER_CALL);
  }

  @Override
  public final SelectorLoop loop() {
    return readiness.loop();
  }

  @Override
  public final boolean isClosed() {
    return readiness.isClosed();
  }

  @Override
  public final Latch released() {
    return readiness.reaped();
  }

  @Override
  public void close() {
    readiness.close();
  }

  @Override
  public final void ensureOpen() throws ClosedResourceException {
    if (readiness.isClosed()) {
      throw closed();
    }
  }

  /**
   * What whoever uses it after its close is told.
   *
   * @return to be thrown
   */
  protected final ClosedResourceException closed() {
    return new ClosedResourceException(closedText);
  }
}
