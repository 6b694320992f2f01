package dev.tercet.blocking;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.EndOfChannelException;
import dev.tercet.internal.dtls.ChannelCore;
import dev.tercet.internal.wait.Parking;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.tls.DtlsChannelStatistics;
import dev.tercet.tls.DtlsInfo;
import dev.tercet.tls.NeedHandshakeException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * One association of a {@link DtlsEndpoint}: messages, each encrypted and in a datagram of its own.
 * What arrives is authentic and whole, and no message arrives twice; but messages may be lost or
 * overtake each other, as datagrams do.
 *
 * <p>Nothing is sent before {@link #doHandshake}, or the first message that is sent or waited for.
 * A handshake that has begun goes on by itself until its time limit, which is the configuration's.
 * So an interrupt, or a scope that expires, ends the wait and nothing else.
 *
 * <p>A peer that sends close_notify ends the channel: {@link EndOfChannelException} for who
 * receives, {@link BrokenResourceException} for who sends. A peer that vanishes sends nothing; only
 * a time limit notices.
 *
 * <p>Blocking; the suspending twin is {@code dev.tercet.coroutines.DtlsChannel}.
 *
 * <p><i>Thread-safety:</i> any number of threads in all of its methods; each message goes to
 * exactly one receiver.
 */
public final class DtlsChannel implements MessageChannel<byte[]> {
  private final DtlsEndpoint endpoint;
  private final ChannelCore core;

  DtlsChannel(DtlsEndpoint endpoint, ChannelCore core) {
    this.endpoint = endpoint;
    this.core = core;
  }

  /**
   * The endpoint that it belongs to.
   *
   * @return the same each time
   */
  public DtlsEndpoint endpoint() {
    return endpoint;
  }

  /**
   * The address of the peer.
   *
   * @return resolved
   */
  public InetSocketAddress peerAddress() {
    return core.peerAddress();
  }

  /** For the idle limit of a server. */
  long heard() {
    return core.heard();
  }

  /**
   * Does the handshake, or waits for the one that goes on, or returns at once when it is done. The
   * first retransmission is after a second.
   *
   * <p><i>Errors:</i> as {@link #doHandshake(Duration)}.
   *
   * <p><i>Interruption:</i> no effect: the handshake goes on, and can be waited for again.
   *
   * <p><i>Thread-safety:</i> any number of threads.
   *
   * @throws IOException when it has failed
   * @throws InterruptedException when interrupted before or while waiting
   */
  public void doHandshake() throws IOException, InterruptedException {
    doHandshake(ChannelCore.DEFAULT_INITIAL_TIMEOUT);
  }

  /**
   * Does the handshake, or waits for the one that goes on, or returns at once when it is done.
   *
   * <p>What is not answered is sent again after the given time, then after twice that, and so on up
   * to a minute. The caller that begins the handshake sets the limit; others only wait.
   *
   * <p><i>Errors:</i> {@link BrokenResourceException} when the peer fails verification, refuses us,
   * or does not answer within the limit of the configuration, or when this channel was replaced;
   * {@link ClosedResourceException} when it, or the endpoint, was closed, before or meanwhile;
   * {@link IllegalArgumentException} for a time that is not positive.
   *
   * <p><i>Interruption:</i> no effect: the handshake goes on, and can be waited for again.
   *
   * <p><i>Thread-safety:</i> any number of threads.
   *
   * @param initialRetransmitTimeout until the first retransmission, positive
   * @throws IOException when it has failed
   * @throws InterruptedException when interrupted before or while waiting
   */
  public void doHandshake(Duration initialRetransmitTimeout)
      throws IOException, InterruptedException {
    long nanos = ChannelCore.requireInitialTimeout(initialRetransmitTimeout);
    Parking.checkpoint();
    while (true) {
      WaitPlace news = core.news();
      if (core.tryHandshake(nanos)) {
        return;
      }
      Parking.await(news);
    }
  }

  /**
   * Sends one message, in one datagram, after the handshake if there was none. Whether it arrives,
   * nobody knows. One that is longer than {@link #getCleartextMtu} is sent all the same, and may
   * not get through.
   *
   * <p><i>Errors:</i> as {@link #doHandshake()}; {@link BrokenResourceException} when the peer has
   * sent close_notify; {@link IllegalArgumentException} for an empty message, and for one that is
   * longer than a record, 16384 bytes.
   *
   * <p><i>Interruption:</i> no effect: the message was not sent.
   *
   * <p><i>Thread-safety:</i> any number of senders.
   *
   * @param message 1 to 16384 bytes
   * @throws IOException when it could not be sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  @Override
  public void send(byte[] message) throws IOException, InterruptedException {
    send(ByteBuffer.wrap(message));
  }

  /**
   * Sends one message; otherwise as {@link #send(byte[])}.
   *
   * <p><i>Errors:</i> as {@link #send(byte[])}.
   *
   * <p><i>Interruption:</i> no effect: the message was not sent.
   *
   * <p><i>Thread-safety:</i> any number of senders.
   *
   * @param message 1 to 16384 bytes, from position to limit; the position moves to the limit when
   *     it was sent, and stays when it was not
   * @throws IOException when it could not be sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  public void send(ByteBuffer message) throws IOException, InterruptedException {
    Parking.checkpoint();
    while (true) {
      WaitPlace news = core.news();
      if (core.trySend(message)) {
        return;
      }
      Parking.await(news);
    }
  }

  /**
   * Waits for the next message, after the handshake if there was none.
   *
   * <p><i>Errors:</i> as {@link #doHandshake()}; {@link EndOfChannelException} when the peer has
   * sent close_notify and everything was received. What was received before the channel was
   * replaced or failed comes before the error.
   *
   * <p><i>Interruption:</i> no effect: no message is lost.
   *
   * <p><i>Thread-safety:</i> any number of receivers.
   *
   * @return the message; empty when the peer has sent an empty one
   * @throws IOException when there is none
   * @throws InterruptedException when interrupted before or while waiting
   */
  @Override
  public byte[] receive() throws IOException, InterruptedException {
    Parking.checkpoint();
    while (true) {
      WaitPlace news = core.news();
      byte[] message = core.tryReceive();
      if (message != null) {
        return message;
      }
      Parking.await(news);
    }
  }

  /**
   * Waits for the next message and puts it into a buffer; otherwise as {@link #receive()}.
   *
   * <p><i>Errors:</i> as {@link #receive()}; {@link IllegalArgumentException} when the message is
   * longer than the room in the buffer: it is kept, and received by the next call.
   *
   * <p><i>Interruption:</i> no effect: no message is lost.
   *
   * <p><i>Thread-safety:</i> any number of receivers.
   *
   * @param into where the bytes go; its position moves by as many
   * @return the length of the message; 0 when the peer has sent an empty one
   * @throws IOException when there is none
   * @throws InterruptedException when interrupted before or while waiting
   */
  public int receive(ByteBuffer into) throws IOException, InterruptedException {
    Parking.checkpoint();
    while (true) {
      WaitPlace news = core.news();
      int length = core.tryReceive(into);
      if (length >= 0) {
        return length;
      }
      Parking.await(news);
    }
  }

  /**
   * Sets how long datagrams may be that are sent to this peer. At first it is 1472 bytes for IPv4
   * and 1452 for IPv6, which suits Ethernet.
   *
   * <p>The handshake obeys it, from its next transmission on, and falls back to less when nothing
   * gets through. It does not limit messages: {@link #getCleartextMtu} is computed from it.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} outside 64..65507.
   *
   * @param bytes what UDP carries, without the headers of UDP and IP
   */
  public void setCiphertextMtu(int bytes) {
    core.setCiphertextMtu(bytes);
  }

  /**
   * How long a message may be to fit into a datagram of the {@linkplain #setCiphertextMtu size that
   * is set}.
   *
   * <p><i>Errors:</i> {@link NeedHandshakeException} before the end of the handshake, which decides
   * how much encryption adds.
   *
   * @return bytes; 0 when nothing fits
   */
  public int getCleartextMtu() {
    return core.cleartextMtu();
  }

  /**
   * What was agreed on in the handshake, and with whom. Also after the end of the channel.
   *
   * <p><i>Errors:</i> {@link NeedHandshakeException} before the end of the handshake.
   *
   * @return never changes
   */
  public DtlsInfo info() {
    return core.info();
  }

  /**
   * What has happened so far.
   *
   * @return a snapshot
   */
  public DtlsChannelStatistics statistics() {
    return core.statistics();
  }

  /**
   * Closes the channel and wakes those who wait in it, with {@link ClosedResourceException}. After
   * the handshake this sends close_notify, in one datagram that may be lost, unless the
   * configuration turns it off. Nothing is waited for.
   *
   * <p><i>Errors:</i> none.
   *
   * <p><i>Interruption:</i> no effect.
   *
   * <p><i>Thread-safety:</i> any thread, any number of times.
   */
  @Override
  public void close() {
    core.close(true);
  }

  /** Closes the channel as {@link #close} does, and sends the peer nothing. */
  @Override
  public void closeForcefully() {
    core.close(false);
  }

  @Override
  public String toString() {
    return "DtlsChannel(" + core + ")";
  }
}
