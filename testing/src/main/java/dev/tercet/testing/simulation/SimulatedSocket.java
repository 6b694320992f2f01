package dev.tercet.testing.simulation;

import dev.tercet.AddressText;
import dev.tercet.ClosedResourceException;
import dev.tercet.internal.net.NonBlockingSocket;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AlreadyConnectedException;
import java.nio.channels.ConnectionPendingException;
import org.jspecify.annotations.Nullable;

/**
 * A stream socket of a {@link SimulatedNetwork}: a {@link TcpEnd} with an address, and a connect
 * before it. Whoever waits is woken by the events of the network.
 */
final class SimulatedSocket extends SimulatedResource implements NonBlockingSocket {
  private enum State {
    FRESH,
    CONNECTING,
    CONNECTED,
    FAILED
  }

  private final Exclusive sending = new Exclusive("another task is sending");
  private final Exclusive receiving = new Exclusive("another task is receiving");
  private final TcpEnd end;

  /** In the trace; 0 for the far end of a connection that nobody has accepted. */
  private volatile int number;

  /** Guarded by room, as is everything below. */
  private State state = State.FRESH;

  private @Nullable IOException failure;
  private @Nullable SimulatedSocket peer;

  /** When what was sent last arrives: nothing overtakes it. */
  private long lastArrival;

  private boolean bound;
  private volatile boolean writeShutDown;
  private volatile @Nullable InetSocketAddress remote;

  SimulatedSocket(SimulatedNetwork network, ProtocolFamily family, int bufferBytes) {
    super(network, family, "socket", SocketOptions.ofStream());
    this.end = new TcpEnd(bufferBytes, this::transmit);
  }

  /** From now on it is in the trace under this number. */
  void numbered(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  // ------------------------------------------------------------------------- connecting

  @Override
  public void bind(SocketAddress address) throws IOException {
    InetSocketAddress wanted = network.requireAddress(address, family);
    room.step(
        () -> {
          ensureOpen();
          if (bound) {
            throw new java.nio.channels.AlreadyBoundException();
          }
          local = network.bindStream(wanted, this);
          bound = true;
          network.record(NetworkEvent.Kind.BIND, number, AddressText.of(local));
          return this;
        });
  }

  @Override
  public boolean startConnect(SocketAddress address) throws IOException {
    InetSocketAddress to = network.requireAddress(address, family);
    room.step(
        () -> {
          ensureOpen();
          if (state == State.CONNECTED) {
            throw new AlreadyConnectedException();
          }
          if (state == State.CONNECTING) {
            throw new ConnectionPendingException();
          }
          if (!bound) {
            local = network.bindStream(network.requireSource(to), this);
            bound = true;
          }
          state = State.CONNECTING;
          network.record(NetworkEvent.Kind.CONNECT, number, AddressText.of(to));
          return this;
        });
    network.connect(this, to);
    return finishConnect(address);
  }

  @Override
  public boolean finishConnect(SocketAddress address) throws IOException {
    try {
      room.step(
          () -> {
            ensureOpen();
            if (failure != null) {
              throw failure;
            }
            return this;
          });
    } catch (IOException e) {
      close();
      throw e;
    }
    return isConnected();
  }

  /** The connect has succeeded: false when nobody wants it any more. */
  boolean established(InetSocketAddress to, SimulatedSocket peer) {
    return room.decide(
        () -> {
          if (closed || state != State.CONNECTING) {
            return false;
          }
          state = State.CONNECTED;
          remote = to;
          this.peer = peer;
          network.record(NetworkEvent.Kind.ESTABLISHED, number, AddressText.of(to));
          return true;
        });
  }

  /** Makes the far end of a connection. */
  void acceptedFrom(InetSocketAddress local, SimulatedSocket peer) {
    room.change(
        () -> {
          state = State.CONNECTED;
          this.local = local;
          this.remote = peer.local;
          this.peer = peer;
        });
  }

  void connectFailed(IOException error) {
    room.change(
        () -> {
          if (!closed && state == State.CONNECTING) {
            state = State.FAILED;
            failure = error;
            network.record(NetworkEvent.Kind.FAILED, number, String.valueOf(error.getMessage()));
          }
        });
  }

  boolean isConnecting() {
    return !closed && !isConnected();
  }

  @Override
  public boolean isConnected() {
    return remote != null;
  }

  // ------------------------------------------------------------------------- bytes

  @Override
  public int bytesPerCall(ByteBuffer buffer) {
    return buffer.remaining();
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    return (int) read(new ByteBuffer[] {into});
  }

  @Override
  public long read(ByteBuffer[] into) throws IOException {
    return room.step(
        () -> {
          ensureConnected();
          long sum = 0;
          for (ByteBuffer buffer : into) {
            if (buffer.hasRemaining() && (sum == 0 || end.hasBytes())) {
              int n = end.read(buffer);
              if (n < 0) {
                return -1L;
              }
              sum += n;
            }
          }
          if (sum > 0) {
            network.record(NetworkEvent.Kind.RECEIVE, number, sum + " bytes");
          }
          return sum;
        });
  }

  @Override
  public int write(ByteBuffer data) throws IOException {
    return (int) write(new ByteBuffer[] {data});
  }

  @Override
  public long write(ByteBuffer[] data) throws IOException {
    return room.step(
        () -> {
          ensureConnected();
          if (writeShutDown) {
            throw new ClosedResourceException("the sending direction of this socket was shut down");
          }
          long sum = 0;
          for (ByteBuffer buffer : data) {
            sum += end.write(buffer);
          }
          if (sum > 0) {
            network.record(NetworkEvent.Kind.SEND, number, sum + " bytes");
          }
          return sum;
        });
  }

  @Override
  public void shutdown(boolean read, boolean write) throws IOException {
    room.step(
        () -> {
          ensureConnected();
          if (read) {
            end.shutdownRead();
          }
          if (write) {
            end.shutdownWrite();
            writeShutDown = true;
          }
          return this;
        });
  }

  @Override
  public boolean isWriteShutDown() {
    return writeShutDown;
  }

  @Override
  public boolean isReadable() throws IOException {
    return room.step(
        () -> {
          ensureOpen();
          return state != State.CONNECTED || end.isReadable();
        });
  }

  /** Everything that has arrived, for a peer of the test's. */
  byte[] takeAll() {
    return room.decide(end::takeAll);
  }

  boolean hasEnded() {
    return room.decide(end::hasEnded);
  }

  private void transmit(Segment segment) {
    SimulatedSocket to = peer;
    if (to == null) {
      return;
    }
    switch (segment.kind()) {
      case FIN -> network.record(NetworkEvent.Kind.FIN, number, AddressText.of(remote));
      case RESET -> network.record(NetworkEvent.Kind.RESET, number, AddressText.of(remote));
      default -> {}
    }
    lastArrival = network.carry(local, remote, lastArrival, () -> to.arrived(segment));
  }

  /** Lets something happen at the far end, behind everything that is on the way there. */
  void afterAll(Runnable event) {
    room.change(() -> lastArrival = network.carry(local, remote, lastArrival, event));
  }

  private void arrived(Segment segment) {
    room.change(() -> end.arrived(segment));
  }

  // ------------------------------------------------------------------------- waiting and closing

  @Override
  public WaitPlace readable() {
    return room.until(() -> closed || state != State.CONNECTED || end.isReadable());
  }

  @Override
  public WaitPlace writable() {
    return room.until(
        () -> closed || (state == State.CONNECTED ? end.isWritable() : state != State.CONNECTING));
  }

  @Override
  public void close() {
    close(end::close);
  }

  /** Closes with a reset, whatever there is to read. */
  void abort() {
    close(end::abort);
  }

  private void close(Runnable closeEnd) {
    room.change(
        () -> {
          if (closed) {
            return;
          }
          closed = true;
          if (state == State.CONNECTED) {
            closeEnd.run();
          }
          if (bound) {
            network.unbindStream(local);
          }
          if (number > 0) {
            network.closed(number);
          }
        });
  }

  private void ensureConnected() throws ClosedResourceException {
    ensureOpen();
    if (state != State.CONNECTED) {
      throw new IllegalStateException("this socket is not connected");
    }
  }

  // ------------------------------------------------------------------------- what it is

  @Override
  public Exclusive sending() {
    return sending;
  }

  @Override
  public Exclusive receiving() {
    return receiving;
  }

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return remote;
  }

  @Override
  public String toString() {
    return (number == 0 ? "" : "#" + number + " ")
        + AddressText.of(local)
        + " -> "
        + AddressText.of(remote)
        + (closed ? ", closed" : "");
  }
}
