package dev.tercet.blocking;

import dev.tercet.ClosedResourceException;
import dev.tercet.Network;
import dev.tercet.Resolver;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.names.SystemResolver;
import dev.tercet.internal.net.NetworkProvider;
import dev.tercet.internal.net.NonBlockingDatagram;
import dev.tercet.internal.net.NonBlockingListener;
import dev.tercet.internal.net.NonBlockingSocket;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A network whose listener has connections that the system does not let it accept. */
final class FailingAccepts implements NetworkProvider, NonBlockingListener {
  final AtomicInteger tries = new AtomicInteger();
  private final Exclusive accepting = new Exclusive("another task is accepting");
  private final Latch queued = new Latch();

  FailingAccepts() {
    queued.open();
  }

  @Override
  public @Nullable NonBlockingSocket accept() throws IOException {
    tries.incrementAndGet();
    throw new IOException("Vorgang nicht zulässig");
  }

  @Override
  public NonBlockingListener openListener(ProtocolFamily family) {
    return this;
  }

  @Override
  public Exclusive accepting() {
    return accepting;
  }

  @Override
  public WaitPlace readable() {
    return queued;
  }

  @Override
  public void bind(SocketAddress address, int backlog) {}

  @Override
  public ProtocolFamily family() {
    return StandardProtocolFamily.INET;
  }

  @Override
  public @Nullable SelectorLoop loop() {
    return null;
  }

  @Override
  public @Nullable SocketAddress localAddress() {
    return null;
  }

  @Override
  public <T> @Nullable T getOption(SocketOption<T> option) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <T> void setOption(SocketOption<T> option, T value) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isClosed() {
    return false;
  }

  @Override
  public void ensureOpen() throws ClosedResourceException {}

  @Override
  public void close() {}

  @Override
  public Latch released() {
    return queued;
  }

  @Override
  public NonBlockingSocket openStream(ProtocolFamily family) {
    throw new UnsupportedOperationException();
  }

  @Override
  public NonBlockingDatagram openDatagram(ProtocolFamily family) {
    throw new UnsupportedOperationException();
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public @Nullable InetAddress sourceFor(InetAddress destination) {
    return null;
  }

  @Override
  public Resolver resolver() {
    return SystemResolver.INSTANCE;
  }

  @Override
  public Network withResolver(Resolver resolver) {
    return this;
  }
}
