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
 * One association of a {@link DtlsEndpoint}: messages, each encrypted and in a separate datagram
 * (spec DTLS-G1). Received messages are authentic and whole, and no message arrives twice. Messages
 * may be lost or overtake each other, as datagrams do.
 *
 * <p>Nothing is sent before {@link #doHandshake}, or the first message that is sent or waited for.
 * A handshake that has started continues until its time limit, which the configuration sets. So an
 * interrupt, or a scope that expires, ends the wait and nothing else.
 *
 * <p>A peer that sends close_notify ends the channel: {@link EndOfChannelException} for receivers,
 * {@link BrokenResourceException} for senders. A peer that vanishes sends nothing; only a time
 * limit detects it.
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
   * The endpoint of this channel.
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
   * Performs the handshake, waits for the one in progress, or returns at once when it is complete
   * (spec DTLS-D4, DTLS-D5). The first retransmission is after a second.
   *
   * <p><i>Errors:</i> as {@link #doHandshake(Duration)}.
   *
   * <p><i>Interruption:</i> no effect: the handshake continues, and a later call can wait for it.
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
   * Performs the handshake, waits for the one in progress, or returns at once when it is complete
   * (spec DTLS-D4, DTLS-D5).
   *
   * <p>An unanswered flight is retransmitted after the given time, then after twice that, and so on
   * up to a minute. The caller that starts the handshake sets this time; others only wait.
   *
   * <p><i>Errors:</i> {@link BrokenResourceException} when the peer fails verification, rejects
   * this side, or does not answer within the configured limit, and when this channel was replaced;
   * {@link ClosedResourceException} when it or the endpoint was closed before or during the call;
   * {@link IllegalArgumentException} for a time that is not positive.
   *
   * <p><i>Interruption:</i> no effect: the handshake continues, and a later call can wait for it.
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
   * Sends one message, in one datagram, after a handshake if needed. It may be lost. One that is
   * longer than {@link #getCleartextMtu} is sent too, and may not arrive.
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
   * Waits for the next message, after a handshake if needed.
   *
   * <p><i>Errors:</i> as {@link #doHandshake()}; {@link EndOfChannelException} when the peer has
   * sent close_notify and everything was received. Messages received before the channel was
   * replaced or failed come before the error.
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
   * @param into the buffer for the bytes; its position moves by as many
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
   * Sets the maximum length of datagrams to this peer. The default is 1472 bytes for IPv4 and 1452
   * for IPv6, which suits Ethernet.
   *
   * <p>The handshake obeys it, from its next transmission on, and falls back to less when no
   * datagram arrives. It does not limit messages: {@link #getCleartextMtu} is computed from it.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} outside 64..65507.
   *
   * @param bytes the payload of UDP, without the headers of UDP and IP
   */
  public void setCiphertextMtu(int bytes) {
    core.setCiphertextMtu(bytes);
  }

  /**
   * How long a message may be to fit into a datagram of the {@linkplain #setCiphertextMtu size that
   * is set}.
   *
   * <p><i>Errors:</i> {@link NeedHandshakeException} before the end of the handshake, which decides
   * the overhead of encryption.
   *
   * @return bytes; 0 when nothing fits
   */
  public int getCleartextMtu() {
    return core.cleartextMtu();
  }

  /**
   * The result of the handshake: parameters and certificates. Available also after the end of the
   * channel.
   *
   * <p><i>Errors:</i> {@link NeedHandshakeException} before the end of the handshake.
   *
   * @return the same values each time
   */
  public DtlsInfo info() {
    return core.info();
  }

  /**
   * The counters of this channel.
   *
   * @return a snapshot
   */
  public DtlsChannelStatistics statistics() {
    return core.statistics();
  }

  /**
   * Closes the channel and wakes tasks that wait in it, with {@link ClosedResourceException}. After
   * the handshake this sends close_notify, in one datagram that may be lost, unless the
   * configuration disables it. It does not wait.
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

  /** Closes the channel as {@link #close} does, but sends nothing to the peer. */
  @Override
  public void closeForcefully() {
    core.close(false);
  }

  @Override
  public String toString() {
    return "DtlsChannel(" + core + ")";
  }
}
