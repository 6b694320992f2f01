package dev.tercet.testing.simulation;

import dev.tercet.ClosedResourceException;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.net.NonBlockingResource;
import dev.tercet.internal.wait.Latch;
import dev.tercet.testing.internal.Room;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketOption;
import org.jspecify.annotations.Nullable;

/** What the sockets of a {@link SimulatedNetwork} have in common: they wait on no loop. */
abstract class SimulatedResource implements NonBlockingResource {
  final SimulatedNetwork network;
  final ProtocolFamily family;
  final Room room = new Room();

  /** Guarded by room, as is all that changes. */
  volatile boolean closed;

  volatile @Nullable InetSocketAddress local;

  private final String kind;
  private final SocketOptions options;
  private final Latch released = new Latch();

  SimulatedResource(
      SimulatedNetwork network, ProtocolFamily family, String kind, SocketOptions options) {
    this.network = network;
    this.family = family;
    this.kind = kind;
    this.options = options;
    released.open();
  }

  @Override
  public final ProtocolFamily family() {
    return family;
  }

  @Override
  public final @Nullable SelectorLoop loop() {
    return null;
  }

  @Override
  public final @Nullable InetSocketAddress localAddress() {
    return local;
  }

  @Override
  public final <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
    ensureOpen();
    return options.get(option);
  }

  @Override
  public final <T> void setOption(SocketOption<T> option, T value) throws IOException {
    ensureOpen();
    NonBlockingResource.requireAllowed(option, value);
    options.set(option, value);
  }

  @Override
  public final boolean isClosed() {
    return closed;
  }

  @Override
  public final void ensureOpen() throws ClosedResourceException {
    if (closed) {
      throw new ClosedResourceException("this " + kind + " was closed");
    }
  }

  @Override
  public final Latch released() {
    return released;
  }
}
