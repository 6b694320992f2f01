package dev.tercet.blocking;

import dev.tercet.ClosedResourceException;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.net.NonBlockingDatagram;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.internal.wait.Waiter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A datagram socket whose room to send the test decides on: the loopback interface always has some.
 * Like the kernel's it answers an empty datagram with success whether there is room or not, and
 * drops it when there is none.
 */
final class FakeDatagram implements NonBlockingDatagram {
  private final Exclusive sending = new Exclusive("another task is sending");
  private final Exclusive receiving = new Exclusive("another task is receiving");
  private final Latch released = new Latch();
  private final Room writable = new Room();
  private final Room readable = new Room();
  private volatile boolean closed;

  /** The length of each datagram that was sent. */
  final List<Integer> sent = new CopyOnWriteArrayList<>();

  /** How often there was no room. */
  final AtomicInteger refused = new AtomicInteger();

  /** Makes room for one datagram. */
  void makeRoom() {
    writable.add();
  }

  @Override
  public boolean send(ByteBuffer data, @Nullable InetSocketAddress to)
      throws ClosedResourceException {
    ensureOpen();
    boolean hadRoom = writable.take();
    if (hadRoom) {
      sent.add(data.remaining());
      data.position(data.limit());
    } else {
      refused.incrementAndGet();
    }
    return hadRoom || !data.hasRemaining();
  }

  @Override
  public @Nullable InetSocketAddress receive(ByteBuffer into) throws ClosedResourceException {
    ensureOpen();
    return null;
  }

  @Override
  public void close() {
    closed = true;
    writable.add();
    readable.add();
    released.open();
  }

  /** Wakes at once while there is room. */
  private static final class Room implements WaitPlace {
    private int room;
    private @Nullable Waiter waiter;

    synchronized boolean take() {
      boolean had = room > 0;
      room -= had ? 1 : 0;
      return had;
    }

    void add() {
      Waiter due;
      synchronized (this) {
        room++;
        due = waiter;
        waiter = null;
      }
      if (due != null) {
        due.wake();
      }
    }

    @Override
    public void install(Waiter newcomer) {
      synchronized (this) {
        if (room == 0) {
          waiter = newcomer;
          return;
        }
      }
      newcomer.wake();
    }

    @Override
    public synchronized boolean uninstall(Waiter leaving) {
      boolean wasIn = waiter == leaving;
      waiter = wasIn ? null : waiter;
      return wasIn;
    }
  }

  @Override
  public ProtocolFamily family() {
    return StandardProtocolFamily.INET;
  }

  @Override
  public Exclusive sending() {
    return sending;
  }

  @Override
  public Exclusive receiving() {
    return receiving;
  }

  @Override
  public WaitPlace writable() {
    return writable;
  }

  @Override
  public WaitPlace readable() {
    return readable;
  }

  @Override
  public @Nullable SelectorLoop loop() {
    return null;
  }

  @Override
  public InetSocketAddress localAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
  }

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return null;
  }

  @Override
  public boolean wasTruncated() {
    return false;
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void ensureOpen() throws ClosedResourceException {
    if (closed) {
      throw new ClosedResourceException("this socket was closed");
    }
  }

  @Override
  public Latch released() {
    return released;
  }

  @Override
  public void bind(InetSocketAddress address) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void connect(InetSocketAddress address) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isReadable() {
    return false;
  }

  @Override
  public void joinGroup(InetAddress group, NetworkInterface on) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void leaveGroup(InetAddress group, NetworkInterface on) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <T> @Nullable T getOption(SocketOption<T> option) {
    return null;
  }

  @Override
  public <T> void setOption(SocketOption<T> option, T value) {
    throw new UnsupportedOperationException();
  }
}
