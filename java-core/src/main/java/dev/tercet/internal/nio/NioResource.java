package dev.tercet.internal.nio;

import dev.tercet.ClosedResourceException;
import dev.tercet.internal.loop.Readiness;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.net.NonBlockingResource;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketOption;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;

/**
 * A channel on a loop: what stream sockets, listeners and datagram sockets have in common. Whether
 * it is closed is for {@link Readiness} to say, and not for the channel: a close waits there for
 * the loop, and whoever uses the channel in between must hear of it.
 *
 * @param <C> the kind of channel
 */
abstract class NioResource<C extends SelectableChannel & NetworkChannel>
    implements NonBlockingResource {
  final C channel;
  final Readiness readiness;
  private final ProtocolFamily family;
  private final String closedText;

  /** The channel does not block any more. */
  NioResource(C channel, SelectorLoop loop, ProtocolFamily family, String closedText)
      throws IOException {
    this.channel = channel;
    this.family = family;
    this.closedText = closedText;
    channel.configureBlocking(false);
    readiness = new Readiness(loop, channel);
  }

  @Override
  public final ProtocolFamily family() {
    return family;
  }

  @Override
  public final WaitPlace readable() {
    return readiness.readable();
  }

  /** Where to wait for room; for whoever can send. */
  public final WaitPlace writable() {
    return readiness.writable();
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
  public final <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
    ensureOpen();
    return channel.getOption(option);
  }

  @Override
  public final <T> void setOption(SocketOption<T> option, T value) throws IOException {
    ensureOpen();
    NonBlockingResource.requireAllowed(option, value);
    channel.setOption(option, value);
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

  final ClosedResourceException closed() {
    return new ClosedResourceException(closedText);
  }

  /** The channel says that it is closed: by us, or by somebody who has kept it. */
  final ClosedResourceException closedBehindOurBack() {
    close();
    return closed();
  }
}
