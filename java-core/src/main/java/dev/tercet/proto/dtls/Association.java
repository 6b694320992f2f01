package dev.tercet.proto.dtls;

import dev.tercet.proto.AddressKey;
import dev.tercet.proto.TimerTable.Timer;
import dev.tercet.tls.DtlsChannelStatistics;
import dev.tercet.tls.DtlsInfo;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link EndpointMachine} has with one peer: first only an address, then a {@link
 * DtlsSession}, and in the end only what was received and the reason.
 *
 * <p>Whatever changes it goes through the machine; here it can be looked at.
 *
 * <p>Not thread-safe; the caller holds the endpoint's lock.
 */
public final class Association {
  private final InetSocketAddress peer;

  /** Null when we have dialled. */
  private final @Nullable ClientHello hello;

  /** Of this one in the machine's table. */
  final Timer<Association> timer = new Timer<>(this);

  /** Null before the start. */
  @Nullable DtlsSession session;

  /** The established one of the same address that is in use until this one is established. */
  @Nullable Association predecessor;

  /** The one that will replace this one, when it is established. */
  @Nullable Association successor;

  /** How it was ended from outside the session; null for not. */
  private @Nullable State end;

  /** Why it was ended from outside the session, if it has failed there. */
  private @Nullable Throwable failure;

  /** The state that the machine has counted it in. */
  State counted = State.WAITING;

  /** Its place in tables. */
  final AddressKey key;

  /** Where it comes from, for the limits per address. */
  final AddressBlock block;

  /** Whether it is counted among the associations of the machine. */
  boolean isEntered;

  /** When its hello came. */
  long acceptedNanos;

  /** When something new of its handshake came last; of a server's. */
  long heardNanos;

  /** Whether its peer has answered our first flight. */
  boolean hasAnswered;

  /** Whether it gave way to another one; its client may come again with the same hello. */
  boolean gaveWay;

  /** Whether the driver will be told that there is news. */
  boolean isChanged;

  private int mtuBytes;
  private @Nullable Owner owner;

  /** Where it is. */
  public enum State {
    /** Nobody has begun the handshake. */
    WAITING,
    /** There are no keys yet. */
    HANDSHAKING,
    /** Messages go both ways. */
    ESTABLISHED,
    /** The peer has sent close_notify. */
    PEER_CLOSED,
    /** It is over, and {@link Association#failure} says why. */
    FAILED,
    /** Another one has its address. */
    REPLACED,
    /** We have ended it. */
    CLOSED
  }

  /** Uses an association, and learns of its changes. */
  @FunctionalInterface
  public interface Owner {
    /** The state is another one, or a message has come. The caller holds the endpoint's lock. */
    void changed();
  }

  Association(InetSocketAddress peer, @Nullable ClientHello hello) {
    this.peer = peer;
    this.hello = hello;
    this.key = AddressKey.of(peer);
    this.block = AddressBlock.of(peer.getAddress());
    this.mtuBytes = isIpv4() ? HandshakeMtu.DEFAULT_IPV4_BYTES : HandshakeMtu.DEFAULT_IPV6_BYTES;
  }

  /**
   * Whose it is.
   *
   * @return a resolved address
   */
  public InetSocketAddress peer() {
    return peer;
  }

  /**
   * What the peer has said.
   *
   * @return null when it was us who dialled
   */
  public @Nullable ClientHello hello() {
    return hello;
  }

  /** Where it is. */
  public State state() {
    if (end != null) {
      return end;
    }
    if (session == null) {
      return State.WAITING;
    }
    return switch (session.state()) {
      case HANDSHAKING -> State.HANDSHAKING;
      case ESTABLISHED -> State.ESTABLISHED;
      case PEER_CLOSED -> State.PEER_CLOSED;
      case FAILED -> State.FAILED;
      case CLOSED -> State.CLOSED;
    };
  }

  /**
   * Why it has failed.
   *
   * @return null unless it is {@link State#FAILED}
   */
  public @Nullable Throwable failure() {
    if (failure != null) {
      return failure;
    }
    return session == null ? null : session.failure();
  }

  /**
   * Takes the next message that the peer has sent. Also at the end.
   *
   * @return null when there is none
   */
  public byte @Nullable [] pollMessage() {
    return session == null ? null : session.pollMessage();
  }

  /**
   * Looks at the next message; it stays.
   *
   * @return null when there is none
   */
  public byte @Nullable [] peekMessage() {
    return session == null ? null : session.peekMessage();
  }

  /**
   * The longest datagram: of the handshake, and what {@link #cleartextBytes} is about.
   *
   * @return without the headers of UDP and IP
   */
  public int mtuBytes() {
    return mtuBytes;
  }

  /**
   * Sets the longest datagram. Of a handshake in progress it holds from the next transmission on;
   * what users send is not limited by it (spec DTLS-E8).
   *
   * @param bytes without the headers of UDP and IP, 64 or more
   */
  public void setMtuBytes(int bytes) {
    mtuBytes = bytes;
    if (session != null) {
      session.setMtuBytes(bytes);
    }
  }

  /**
   * What the address family guarantees.
   *
   * @return the MTU that a handshake falls back to
   */
  public int minimumMtuBytes() {
    return isIpv4() ? HandshakeMtu.MINIMUM_IPV4_BYTES : HandshakeMtu.MINIMUM_IPV6_BYTES;
  }

  /**
   * How much fits into a datagram.
   *
   * @return -1 while there are no keys, so that nobody knows
   */
  public int cleartextBytes() {
    return session == null ? -1 : session.cleartextBytes(mtuBytes);
  }

  /**
   * What was agreed on in the handshake, and with whom.
   *
   * @return null while there are no keys
   */
  public @Nullable DtlsInfo info() {
    return session == null ? null : session.info();
  }

  /**
   * What has happened to its session.
   *
   * @return a copy
   */
  public DtlsChannelStatistics statistics() {
    return session == null ? DtlsChannelStatistics.NONE : session.statistics();
  }

  /**
   * How often something came from the peer that nobody else can have sent, or that is new to its
   * handshake. What was sent to it does not count: a peer that has vanished is sent to all the
   * same.
   */
  public long heard() {
    return session == null ? 0 : session.heard();
  }

  /** Sets who learns of its changes. */
  public void setOwner(Owner owner) {
    this.owner = owner;
  }

  /**
   * Tells the owner, if there is one. To be called for each that {@link
   * EndpointMachine#pollChanged} returns.
   */
  public void tellOwner() {
    if (owner != null) {
      owner.changed();
    }
  }

  /** Whether a hello is the one that began this, or a late one of the same handshake. */
  boolean isNotBefore(ClientHello other) {
    return hello != null && hello.isNotBefore(other);
  }

  boolean isOver() {
    return switch (state()) {
      case WAITING, HANDSHAKING, ESTABLISHED -> false;
      case PEER_CLOSED, FAILED, REPLACED, CLOSED -> true;
    };
  }

  void end(State how, @Nullable Throwable why) {
    end = how;
    failure = why;
  }

  private boolean isIpv4() {
    return peer.getAddress() instanceof Inet4Address;
  }

  @Override
  public String toString() {
    return (hello == null ? "to " : "from ") + peer + ", " + state();
  }
}
