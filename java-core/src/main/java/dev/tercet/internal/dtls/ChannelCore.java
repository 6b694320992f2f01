package dev.tercet.internal.dtls;

import dev.tercet.AddressText;
import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.EndOfChannelException;
import dev.tercet.internal.text.Durations;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.proto.dtls.Association;
import dev.tercet.proto.dtls.DtlsRecord;
import dev.tercet.proto.dtls.HandshakeEngine;
import dev.tercet.proto.dtls.SessionSettings;
import dev.tercet.tls.DtlsChannelStatistics;
import dev.tercet.tls.DtlsInfo;
import dev.tercet.tls.NeedHandshakeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A DTLS channel for the drivers of both languages: everything but waiting. What cannot be done yet
 * says so, and then one waits for {@link #news}, which is to be taken before one tries:
 *
 * <pre>{@code
 * while (true) {
 *   WaitPlace news = channel.news();
 *   byte[] message = channel.tryReceive();
 *   if (message != null) {
 *     return message;
 *   }
 *   await(news);
 * }
 * }</pre>
 *
 * <p>The first operation that needs keys begins the handshake. From then on it goes on by itself,
 * whoever waits for it or does not any more, up to its time limit (spec DTLS-D7).
 *
 * <p><i>Thread-safety:</i> any thread; any number of tasks in each operation.
 */
public final class ChannelCore {
  /** RFC 6347 section 4.2.4.1. */
  public static final Duration DEFAULT_INITIAL_TIMEOUT = Duration.ofSeconds(1);

  /** Below it no handshake message would make progress. */
  private static final int MIN_MTU_BYTES = 64;

  private static final int MAX_MTU_BYTES = 65_507;

  private final EndpointCore endpoint;

  /** Guarded by the endpoint's lock, as is everything below. */
  private final Association association;

  private final HandshakePlan handshake;
  private final DtlsEvents events;
  private boolean isClosed;

  /** Also read without the lock: a latch that has gone meanwhile is open. */
  private volatile @Nullable Latch news;

  /** The endpoint's lock must be held. */
  ChannelCore(EndpointCore endpoint, Association association, HandshakePlan handshake) {
    this.endpoint = endpoint;
    this.association = association;
    this.handshake = handshake;
    this.events = new DtlsEvents(association);
    association.setOwner(this::changed);
  }

  /**
   * The peer.
   *
   * @return resolved
   */
  public InetSocketAddress peerAddress() {
    return association.peer();
  }

  /**
   * Where to wait for news of this channel: keys, a message, room to send, an end.
   *
   * @return a place; who is woken tries again
   */
  public WaitPlace news() {
    Latch there = news;
    if (there != null) {
      return there;
    }
    endpoint.lock.lock();
    try {
      Latch place = news;
      if (place == null) {
        place = new Latch();
        news = place;
      }
      return place;
    } finally {
      endpoint.lock.unlock();
    }
  }

  private void changed() {
    try {
      events.look();
    } catch (RuntimeException | Error e) {
      // The flight recorder's failure. It concerns no association.
      endpoint.addStray(e);
    }
    endpoint.addLatch(takeNews());
  }

  /** Hands out the latch to be opened; null if nobody has asked for it. The lock must be held. */
  @Nullable Latch takeNews() {
    Latch due = news;
    if (due != null) {
      news = null;
    }
    return due;
  }

  // ------------------------------------------------------------------------- operations

  /**
   * Checks a timeout.
   *
   * @return in nanoseconds
   * @throws IllegalArgumentException when it is not positive
   */
  public static long requireInitialTimeout(Duration initialTimeout) {
    if (initialTimeout.isNegative() || initialTimeout.isZero()) {
      throw new IllegalArgumentException(
          "the first retransmission timeout must be positive, not "
              + Durations.text(initialTimeout));
    }
    Duration longest = Duration.ofDays(1);
    return (initialTimeout.compareTo(longest) < 0 ? initialTimeout : longest).toNanos();
  }

  /**
   * Begins the handshake if nobody has.
   *
   * @param initialTimeoutNanos until the first retransmission; it counts if this begins it
   * @return true when there are keys, false when one must wait
   * @throws IOException when there will be none
   */
  public boolean tryHandshake(long initialTimeoutNanos) throws IOException {
    while (true) {
      endpoint.lock.lock();
      try {
        ensureOpen();
        switch (association.state()) {
          case HANDSHAKING -> {
            return false;
          }
          case ESTABLISHED, PEER_CLOSED -> {
            return true;
          }
          case FAILED, REPLACED, CLOSED -> throw broken();
          case WAITING -> {}
        }
      } finally {
        endpoint.lock.unlock();
      }
      begin(initialTimeoutNanos);
    }
  }

  /**
   * Sends one message.
   *
   * @param data 1 to 16384 bytes; its position moves to its limit when it was sent, else it stays
   * @return false when one must wait
   * @throws IOException when it cannot be sent any more
   * @throws IllegalArgumentException when it is empty or longer than a record
   */
  public boolean trySend(ByteBuffer data) throws IOException {
    requireSendable(data.remaining());
    EndpointCore.Due due;
    @Nullable IOException broken;
    while (true) {
      endpoint.lock.lock();
      try {
        ensureOpen();
        if (association.state() == Association.State.ESTABLISHED) {
          if (endpoint.mustWaitForRoom(this)) {
            return false;
          }
          endpoint.machine.send(association, taken(data));
          broken = association.state() == Association.State.FAILED ? broken() : null;
          due = endpoint.takeDue();
          break;
        }
        if (association.state() == Association.State.PEER_CLOSED) {
          throw new BrokenResourceException(
              "the peer " + AddressText.of(peerAddress()) + " has closed the channel", null);
        }
      } finally {
        endpoint.lock.unlock();
      }
      if (!tryHandshake(DEFAULT_INITIAL_TIMEOUT.toNanos())) {
        return false;
      }
    }
    endpoint.finish(due);
    if (broken != null) {
      throw broken;
    }
    return true;
  }

  /** What is in a buffer; not a copy if it is a whole array, as it is when users send arrays. */
  private static byte[] taken(ByteBuffer data) {
    if (data.hasArray() && data.arrayOffset() == 0 && data.array().length == data.remaining()) {
      data.position(data.limit());
      return data.array();
    }
    byte[] copy = new byte[data.remaining()];
    data.get(copy);
    return copy;
  }

  /**
   * Takes the next message.
   *
   * @return null when one must wait
   * @throws IOException when there will be none
   */
  public byte @Nullable [] tryReceive() throws IOException {
    endpoint.lock.lock();
    try {
      byte[] message = firstMessage();
      if (message != null) {
        return association.pollMessage();
      }
      if (association.state() == Association.State.ESTABLISHED) {
        return null;
      }
    } finally {
      endpoint.lock.unlock();
    }
    ensureHandshake();
    return null;
  }

  /**
   * Takes the next message into a buffer.
   *
   * @return its length, -1 when one must wait
   * @throws IOException when there will be none
   * @throws IllegalArgumentException when there is no room for it; it is kept
   */
  public int tryReceive(ByteBuffer into) throws IOException {
    endpoint.lock.lock();
    try {
      byte[] message = firstMessage();
      if (message != null) {
        if (message.length > into.remaining()) {
          throw new IllegalArgumentException(
              "a message of "
                  + message.length
                  + " bytes does not fit into a buffer with room for "
                  + into.remaining());
        }
        into.put(message);
        association.pollMessage();
        return message.length;
      }
      if (association.state() == Association.State.ESTABLISHED) {
        return -1;
      }
    } finally {
      endpoint.lock.unlock();
    }
    ensureHandshake();
    return -1;
  }

  /** The lock must be held. */
  private byte @Nullable [] firstMessage() throws IOException {
    ensureOpen();
    byte[] message = association.peekMessage();
    if (message == null && association.state() == Association.State.PEER_CLOSED) {
      throw new EndOfChannelException();
    }
    return message;
  }

  /** There are no keys, or were none a moment ago; what has come since is news. */
  private void ensureHandshake() throws IOException {
    boolean unused = tryHandshake(DEFAULT_INITIAL_TIMEOUT.toNanos());
  }

  private static void requireSendable(int bytes) {
    if (bytes == 0) {
      throw new IllegalArgumentException("DTLS sends no empty message");
    }
    if (bytes > DtlsRecord.MAX_PLAINTEXT_BYTES) {
      throw new IllegalArgumentException(
          "a message of "
              + bytes
              + " bytes is longer than a record of DTLS, "
              + DtlsRecord.MAX_PLAINTEXT_BYTES);
    }
  }

  /**
   * Sets the longest datagram: of the handshake, and what {@link #cleartextMtu} is about.
   *
   * @param bytes without the headers of UDP and IP
   * @throws IllegalArgumentException outside 64..65507
   */
  public void setCiphertextMtu(int bytes) {
    if (bytes < MIN_MTU_BYTES || bytes > MAX_MTU_BYTES) {
      throw new IllegalArgumentException(
          "the MTU must be " + MIN_MTU_BYTES + " to " + MAX_MTU_BYTES + ", not " + bytes);
    }
    endpoint.lock.lock();
    try {
      association.setMtuBytes(bytes);
    } finally {
      endpoint.lock.unlock();
    }
  }

  /**
   * How long a message may be to fit into the longest datagram.
   *
   * @return bytes
   * @throws NeedHandshakeException while there are no keys
   */
  public int cleartextMtu() {
    endpoint.lock.lock();
    try {
      int bytes = association.cleartextBytes();
      if (bytes < 0) {
        throw needHandshake("the MTU of what is sent");
      }
      return bytes;
    } finally {
      endpoint.lock.unlock();
    }
  }

  /**
   * What was agreed on.
   *
   * @return also after the end
   * @throws NeedHandshakeException while there are no keys
   */
  public DtlsInfo info() {
    endpoint.lock.lock();
    try {
      DtlsInfo info = association.info();
      if (info == null) {
        throw needHandshake("what was agreed on");
      }
      return info;
    } finally {
      endpoint.lock.unlock();
    }
  }

  /**
   * How often the peer was heard of (spec DTLS-B10): records of it that opened, and what was new in
   * its handshake.
   */
  public long heard() {
    endpoint.lock.lock();
    try {
      return association.heard();
    } finally {
      endpoint.lock.unlock();
    }
  }

  /**
   * What has happened so far.
   *
   * @return a snapshot
   */
  public DtlsChannelStatistics statistics() {
    endpoint.lock.lock();
    try {
      return association.statistics();
    } finally {
      endpoint.lock.unlock();
    }
  }

  /**
   * Closes it and wakes everybody who waits. Does not wait; any number of times.
   *
   * @param isGraceful whether to send close_notify, if the configuration does
   */
  public void close(boolean isGraceful) {
    endpoint.lock.lock();
    try {
      if (isClosed) {
        return;
      }
      isClosed = true;
    } finally {
      endpoint.lock.unlock();
    }
    end(isGraceful && handshake.sendsCloseNotify());
  }

  private void end(boolean sendsCloseNotify) {
    endpoint.lock.lock();
    try {
      endpoint.machine.close(association, sendsCloseNotify);
    } finally {
      endpoint.lock.unlock();
    }
    endpoint.settle();
  }

  // ------------------------------------------------------------------------- the rest

  private void begin(long initialTimeoutNanos) {
    HandshakeEngine engine;
    try {
      // Not with the lock: it may ask the user's code who we are.
      engine = handshake.engines().apply(association);
    } catch (RuntimeException | Error e) {
      end(false);
      throw e;
    }
    endpoint.lock.lock();
    try {
      if (association.state() != Association.State.WAITING) {
        // Another task was faster. An engine that was not started holds nothing.
        return;
      }
      events.handshakeBegins();
      endpoint.machine.start(
          association,
          engine,
          new SessionSettings(
              initialTimeoutNanos,
              handshake.timeoutNanos(),
              association.mtuBytes(),
              association.minimumMtuBytes(),
              endpoint.limits().incomingPacketsBuffer()),
          endpoint.nanoTime());
    } finally {
      endpoint.lock.unlock();
    }
    endpoint.startReading();
  }

  private void ensureOpen() throws ClosedResourceException {
    if (isClosed) {
      throw new ClosedResourceException("this DTLS channel was closed");
    }
    endpoint.ensureOpen();
  }

  private IOException broken() {
    String peer = AddressText.of(peerAddress());
    Throwable failure = association.failure();
    return switch (association.state()) {
      case REPLACED ->
          new BrokenResourceException("replaced by a new association with " + peer, null);
      case FAILED ->
          new BrokenResourceException("DTLS with " + peer + " failed: " + reason(failure), failure);
      default -> new ClosedResourceException("this DTLS channel was closed");
    };
  }

  /** An error of another kind is a bug; what it says about itself may be anything, or fail. */
  private static @Nullable String reason(@Nullable Throwable failure) {
    if (failure == null || failure instanceof IOException) {
      return failure == null ? null : failure.getMessage();
    }
    return "an internal error, " + failure.getClass().getName();
  }

  private static NeedHandshakeException needHandshake(String what) {
    return new NeedHandshakeException(what);
  }

  @Override
  public String toString() {
    return endpoint + " - " + AddressText.of(peerAddress());
  }
}
