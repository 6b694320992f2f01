package dev.tercet.testing.simulation;

import dev.tercet.AddressText;
import dev.tercet.internal.net.NonBlockingListener;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.nio.channels.AlreadyBoundException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A listening socket of a {@link SimulatedNetwork}: a queue of connections that are established and
 * wait to be accepted. Those whose handshake is under way count too, as the backlog has it.
 */
final class SimulatedListener extends SimulatedResource implements NonBlockingListener {
  private final int number;
  private final Exclusive accepting = new Exclusive("another task is accepting");

  /** Guarded by room, as is everything below. */
  private final Queue<SimulatedSocket> queue = new ArrayDeque<>();

  private int handshakes;
  private int backlog;

  SimulatedListener(SimulatedNetwork network, ProtocolFamily family, int number) {
    super(network, family, "listener", SocketOptions.ofListener());
    this.number = number;
  }

  @Override
  public void bind(SocketAddress address, int backlog) throws IOException {
    InetSocketAddress wanted = network.requireAddress(address, family);
    NonBlockingListener.requireBacklog(backlog);
    room.step(
        () -> {
          ensureOpen();
          if (local != null) {
            throw new AlreadyBoundException();
          }
          local = network.bindStream(wanted, this);
          this.backlog = backlog;
          network.record(NetworkEvent.Kind.BIND, number, AddressText.of(local));
          return this;
        });
  }

  /** A SYN has arrived; false when the queue is full, and it is as if it had not. */
  boolean beginHandshake() {
    return room.decide(
        () -> {
          boolean hasRoom = !closed && queue.size() + handshakes < backlog;
          handshakes += hasRoom ? 1 : 0;
          return hasRoom;
        });
  }

  /** The client has given up, and nothing comes into the queue. */
  void abandonHandshake() {
    room.change(() -> handshakes--);
  }

  /** The last part of the handshake has arrived. */
  void finishHandshake(SimulatedSocket connection) {
    boolean queued =
        room.decide(
            () -> {
              handshakes--;
              return !closed && queue.add(connection);
            });
    if (!queued) {
      connection.abort();
    }
  }

  @Override
  public @Nullable SimulatedSocket accept() throws IOException {
    return room.step(
        () -> {
          ensureOpen();
          if (local == null) {
            throw new IllegalStateException("this listener is not bound");
          }
          SimulatedSocket connection = queue.poll();
          if (connection != null) {
            connection.numbered(
                network.opened(
                    NetworkEvent.Kind.ACCEPTED,
                    AddressText.of(connection.localAddress())
                        + " from "
                        + AddressText.of(connection.remoteAddress())));
          }
          return connection;
        });
  }

  @Override
  public WaitPlace readable() {
    return room.until(() -> closed || !queue.isEmpty());
  }

  @Override
  public void close() {
    List<SimulatedSocket> refused =
        room.decide(
            () -> {
              if (closed) {
                return List.of();
              }
              closed = true;
              network.unbindStream(local);
              network.closed(number);
              List<SimulatedSocket> left = List.copyOf(queue);
              queue.clear();
              return left;
            });
    refused.forEach(SimulatedSocket::abort);
  }

  @Override
  public Exclusive accepting() {
    return accepting;
  }

  @Override
  public String toString() {
    return "#" + number + " " + AddressText.of(local) + (closed ? ", closed" : "");
  }
}
