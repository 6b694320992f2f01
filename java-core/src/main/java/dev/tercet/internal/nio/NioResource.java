package dev.tercet.internal.nio;

import dev.tercet.ClosedResourceException;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.net.NonBlockingResource;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketOption;
import java.nio.channels.NetworkChannel;
import java.nio.channels.SelectableChannel;
import org.jspecify.annotations.Nullable;

/**
 * A socket on a loop: what stream sockets, listeners and datagram sockets have in common.
 *
 * @param <C> the kind of channel
 */
abstract class NioResource<C extends SelectableChannel & NetworkChannel> extends LoopChannel<C>
    implements NonBlockingResource {
  private final ProtocolFamily family;

  NioResource(C channel, SelectorLoop loop, ProtocolFamily family, String closedText)
      throws IOException {
    super(channel, loop, closedText);
    this.family = family;
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

  /** The channel says that it is closed: by us, or by somebody who has kept it. */
  final ClosedResourceException closedBehindOurBack() {
    close();
    return closed();
  }
}
