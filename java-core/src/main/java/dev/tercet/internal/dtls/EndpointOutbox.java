package dev.tercet.internal.dtls;

import dev.tercet.proto.dtls.EndpointMachine;
import dev.tercet.proto.dtls.EndpointMachine.Outgoing;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who sends the datagrams of an endpoint: one thread at a time, so that the order is the machine's.
 * A second thread leaves its datagrams to the first. While the socket has no room nobody sends, and
 * channels wait, so that nothing piles up.
 *
 * <p>Guarded by the endpoint's lock.
 */
final class EndpointOutbox {
  private final EndpointMachine machine;
  private final List<ChannelCore> waitingForRoom = new ArrayList<>();
  private boolean isSending;
  private boolean isClogged;

  /** What the socket had no room for. */
  private @Nullable Outgoing unsent;

  EndpointOutbox(EndpointMachine machine) {
    this.machine = machine;
  }

  /**
   * Takes the next datagram, if nobody sends; the caller then sends it, and calls {@link #sent}.
   */
  @Nullable Outgoing take() {
    if (isSending || isClogged) {
      return null;
    }
    Outgoing next = unsent;
    unsent = null;
    if (next == null) {
      next = machine.pollOutgoing();
    }
    isSending = next != null;
    return next;
  }

  /** A datagram is out, or lost. */
  void sent() {
    isSending = false;
  }

  /** The socket had no room for it. */
  void hadNoRoom(Outgoing datagram) {
    isSending = false;
    unsent = datagram;
    isClogged = true;
  }

  /** There is room again. */
  void roomCame() {
    isClogged = false;
  }

  /** Forgets what was not sent. */
  void clear() {
    unsent = null;
  }

  /** Whether messages must wait for room, and if so, remembers whose. */
  boolean mustWait(ChannelCore channel) {
    if (isClogged) {
      waitingForRoom.add(channel);
    }
    return isClogged;
  }

  /** Takes the channels that wait for room, when there is some. */
  List<ChannelCore> takeWaiting() {
    if (isSending || isClogged || waitingForRoom.isEmpty()) {
      return List.of();
    }
    List<ChannelCore> taken = List.copyOf(waitingForRoom);
    waitingForRoom.clear();
    return taken;
  }
}
