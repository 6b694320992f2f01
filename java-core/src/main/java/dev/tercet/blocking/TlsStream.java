package dev.tercet.blocking;

import dev.tercet.BrokenResourceException;
import dev.tercet.internal.tls.Chunk;
import dev.tercet.internal.tls.TlsSession;
import dev.tercet.internal.wait.Parking;
import dev.tercet.proto.tls.TlsNeed;
import dev.tercet.tls.ClientHello;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * TLS over any stream: what is sent is encrypted, what is received is authentic, and the end is the
 * peer's word and not that of somebody on the way.
 *
 * <p>Nothing is sent or received when it is made. The handshake is done by {@link #doHandshake}, or
 * by the first operation that needs it. One task may send while another receives, as on every
 * stream, and any number may ask for the handshake.
 *
 * <p>{@link #close} sends close_notify and does not wait for an answer. A peer that gets no
 * close_notify, since this side was closed forcefully for instance, gets {@link
 * BrokenResourceException} with a {@link dev.tercet.tls.TlsTruncatedException} as its cause; and so
 * does this side.
 *
 * <p><b>How it works.</b> The protocol is in {@link TlsSession} and the machine below it; here is
 * only the waiting. Each operation takes steps, and a step says what it needs before it can be
 * taken again: that output is sent, that bytes are received, that a computation is run. At most one
 * of them waits between two looks at the session.
 *
 * <p>Blocking; the suspending twin is {@code dev.tercet.coroutines.TlsStream}.
 *
 * @param <T> the type of the stream below
 */
public final class TlsStream<T extends Stream> implements Stream {
  private static final byte[] NOTHING = {};

  private final T transport;
  private final TlsSession session;

  /** Null when there is nothing to choose. */
  private final @Nullable Chooser chooser;

  TlsStream(T transport, TlsSession session, @Nullable Chooser chooser) {
    this.transport = Objects.requireNonNull(transport, "transport");
    this.session = session;
    this.chooser = chooser;
  }

  /**
   * Wraps a stream as a client; see {@link #wrapClient(Stream, String, TlsConfig, byte[])}.
   *
   * @param transport the stream below, owned by the result
   * @param serverHostname who the server has to be
   * @param config how to speak
   * @param <T> the type of the stream below
   * @return a stream that has sent nothing yet
   */
  public static <T extends Stream> TlsStream<T> wrapClient(
      T transport, @Nullable String serverHostname, TlsConfig config) {
    return wrapClient(transport, serverHostname, config, NOTHING);
  }

  /**
   * Wraps a stream as a client.
   *
   * @param transport the stream below, owned by the result
   * @param serverHostname who the server has to be: a DNS name, also an international one, or an IP
   *     address. It is sent to the server, if it is a name, and looked for in its certificate. Null
   *     only if the configuration does not check it
   * @param config how to speak
   * @param initialBytes what was received from the transport already; copied
   * @param <T> the type of the stream below
   * @return a stream that has sent nothing yet
   * @throws IllegalArgumentException when the name is missing, or is no name
   */
  public static <T extends Stream> TlsStream<T> wrapClient(
      T transport, @Nullable String serverHostname, TlsConfig config, byte[] initialBytes) {
    return new TlsStream<>(
        transport, TlsSession.client(serverHostname, config, initialBytes), null);
  }

  /**
   * Wraps a stream as a server; see {@link #wrapServer(Stream, TlsServerConfig, byte[])}.
   *
   * @param transport the stream below, owned by the result
   * @param config how to speak
   * @param <T> the type of the stream below
   * @return a stream that has sent nothing yet
   */
  public static <T extends Stream> TlsStream<T> wrapServer(T transport, TlsServerConfig config) {
    return wrapServer(transport, config, NOTHING);
  }

  /**
   * Wraps a stream as a server.
   *
   * @param transport the stream below, owned by the result
   * @param config how to speak
   * @param initialBytes what was received from the transport already; copied
   * @param <T> the type of the stream below
   * @return a stream that has sent nothing yet
   */
  public static <T extends Stream> TlsStream<T> wrapServer(
      T transport, TlsServerConfig config, byte[] initialBytes) {
    return new TlsStream<>(transport, TlsSession.server(config, initialBytes), null);
  }

  /**
   * Wraps a stream as a server that chooses by the client's hello; see {@link #wrapChoosing(Stream,
   * Chooser, byte[])}.
   *
   * @param transport the stream below, owned by the result
   * @param chooser chooses how to speak
   * @param <T> the type of the stream below
   * @return a stream that has received nothing yet
   */
  public static <T extends Stream> TlsStream<T> wrapChoosing(T transport, Chooser chooser) {
    return wrapChoosing(transport, chooser, NOTHING);
  }

  /**
   * Wraps a stream as a server that chooses its configuration in the handshake, when the client has
   * said what it wants (spec TLS-N2).
   *
   * <p>The client's hello must be there within 10 seconds and 64 KiB (spec TLS-R4); then the
   * configuration counts, with its own limit. Until it is chosen the stream is strict: {@link
   * #httpsCompatible} is false.
   *
   * @param transport the stream below, owned by the result
   * @param chooser called once, in the handshake
   * @param initialBytes what was received from the transport already; copied
   * @param <T> the type of the stream below
   * @return a stream that has received nothing yet
   */
  public static <T extends Stream> TlsStream<T> wrapChoosing(
      T transport, Chooser chooser, byte[] initialBytes) {
    Objects.requireNonNull(chooser, "chooser");
    return new TlsStream<>(transport, TlsSession.choosing(initialBytes), chooser);
  }

  /**
   * The stream below.
   *
   * @return the very object that was wrapped
   * @throws IllegalStateException after {@link #unwrap}, which has given it away
   */
  public T transportStream() {
    if (session.lifecycle.isUnwrapped()) {
      throw new IllegalStateException("unwrap has returned the transport");
    }
    return transport;
  }

  /**
   * Which side this is.
   *
   * @return the role that it was made for
   */
  public TlsRole role() {
    return session.role();
  }

  /**
   * The name that the server has to have.
   *
   * @return as it was given; null for a server, and for a client that does not check
   */
  public @Nullable String serverHostname() {
    return session.serverHostname();
  }

  /**
   * Whether close_notify may be missing.
   *
   * @return as the configuration says; false while it is not chosen yet
   */
  public boolean httpsCompatible() {
    return session.httpsCompatible();
  }

  /**
   * The facts of the session, as they were when the handshake ended.
   *
   * @return them
   * @throws dev.tercet.tls.NeedHandshakeException before the handshake has ended well
   */
  public TlsInfo info() {
    return session.info("the information about the session");
  }

  /**
   * A value that is the same at both ends of this session and of no other, to bind an
   * authentication inside to it (RFC 5929).
   *
   * @param type {@code tls-server-end-point}
   * @return the value
   * @throws dev.tercet.tls.NeedHandshakeException before the handshake has ended well
   * @throws UnsupportedOperationException for other types
   */
  public byte[] channelBinding(String type) {
    return session.channelBinding(type);
  }

  /**
   * Does the handshake, or waits for the task that is doing it. Does nothing when it is done.
   *
   * <p>In TLS 1.3 a client's handshake ends before the server has looked at the client's
   * certificate: that it was refused is told by a later operation (spec TLS-B15).
   *
   * <p><i>Errors:</i> {@link BrokenResourceException} when the peer is not who it should be, does
   * not speak TLS, or has refused this side; the stream is broken then. What the transport throws,
   * as it is. {@link dev.tercet.ClosedResourceException} when this side was closed.
   *
   * <p><i>Interruption:</i> in the middle, the stream is broken. Before it has begun, and for those
   * who wait for another task's handshake, no effect.
   *
   * <p><i>Thread-safety:</i> any number of tasks.
   *
   * @throws IOException when there is no session
   * @throws InterruptedException when interrupted before or while waiting
   */
  public void doHandshake() throws IOException, InterruptedException {
    Parking.checkpoint();
    session.lifecycle.ensureUsable();
    handshake();
    session.lifecycle.ensureWhole();
  }

  @Override
  public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
    session.sending.enter();
    try {
      Parking.checkpoint();
      session.lifecycle.ensureCanSend();
      handshake();
      while (true) {
        long fed = session.fed();
        TlsNeed need = session.write(data);
        if (need == TlsNeed.NOTHING) {
          break;
        }
        // A full batch is sent even if nobody waits for it.
        meet(need, fed, session.mark());
      }
      flush(session.mark());
    } catch (BrokenResourceException e) {
      sendAlert();
      throw e;
    } finally {
      session.sending.exit();
    }
  }

  @Override
  public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
    session.sending.enter();
    try {
      Parking.checkpoint();
      session.lifecycle.ensureUsable();
      while (!session.sendTurn.tryEnter()) {
        Parking.await(session.sendTurn);
      }
      try {
        session.lifecycle.ensureUsable();
        if (!session.lifecycle.isEofSent()) {
          transport.waitSendAllMightNotBlock();
        }
      } finally {
        session.sendTurn.exit();
      }
    } finally {
      session.sending.exit();
    }
  }

  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    if (!into.hasRemaining()) {
      throw new IllegalArgumentException("there is no room to receive into");
    }
    int start = into.position();
    receive(() -> session.read(into));
    return into.position() == start ? -1 : into.position() - start;
  }

  /**
   * {@inheritDoc}
   *
   * <p>Holds no buffer while it waits, if the stream below does not.
   */
  @Override
  public byte[] receiveSome(int maxBytes) throws IOException, InterruptedException {
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes must be at least 1, not " + maxBytes);
    }
    Chunk chunk = new Chunk();
    receive(() -> session.read(maxBytes, chunk));
    return chunk.bytes();
  }

  /**
   * Sends the end, and goes on receiving. What TCP calls a half-close, for TLS; the peer must be
   * able to do so too, and many close at once.
   *
   * <p><i>Errors:</i> {@link UnsupportedOperationException} when the session has an older version
   * than TLS 1.3; nothing has been sent then. The same when the engine cannot, and then the stream
   * is fit only for closing. Else as {@link #sendAll}.
   *
   * <p><i>Interruption:</i> while sending, the stream is broken.
   *
   * <p><i>Thread-safety:</i> excludes sending; a second time does nothing.
   *
   * @throws IOException when the end could not be sent
   * @throws InterruptedException when interrupted before or while waiting
   */
  public void sendEof() throws IOException, InterruptedException {
    session.sending.enter();
    try {
      Parking.checkpoint();
      if (!session.lifecycle.isEofSent()) {
        session.lifecycle.ensureUsable();
        handshake();
        closeOutbound(true);
        flush(session.mark());
      }
    } finally {
      session.sending.exit();
    }
  }

  /**
   * Leaves TLS: sends close_notify, waits for the peer's, and gives the transport back. Everything
   * that the peer had to say must have been received before.
   *
   * <p><i>Errors:</i> {@link BrokenResourceException} when the transport ends before the peer's
   * close_notify, when the peer sends data before it, or when the engine cannot hear it after its
   * own; else as {@link #sendAll}.
   *
   * <p><i>Interruption:</i> after close_notify is on its way, the stream is broken.
   *
   * <p><i>Thread-safety:</i> excludes sending and receiving.
   *
   * @return the transport, and what was received from it already; this stream is closed
   * @throws IOException when the peer does not leave TLS too
   * @throws InterruptedException when interrupted before or while waiting
   */
  public Unwrapped<T> unwrap() throws IOException, InterruptedException {
    session.sending.enter();
    try {
      session.receiving.enter();
      try {
        Parking.checkpoint();
        session.lifecycle.ensureUsable();
        handshake();
        try {
          closeOutbound(false);
          flush(session.mark());
          awaitCloseNotify(false);
        } catch (Throwable e) {
          session.cutShort("leaving TLS was cut short", e);
          throw e;
        }
        return new Unwrapped<>(transport, session.unwrapped());
      } finally {
        session.receiving.exit();
      }
    } finally {
      session.sending.exit();
    }
  }

  /**
   * Sends close_notify and closes the transport, without waiting for the peer's close_notify.
   * Before the handshake is done, on a broken stream, with {@code httpsCompatible}, and when
   * another task is stuck in sending, the transport is closed only. A client that wants to end
   * cleanly without data calls {@link #doHandshake} first.
   *
   * <p><i>Errors:</i> what closing the transport throws. It is closed all the same.
   *
   * <p><i>Interruption:</i> closes forcefully instead, and keeps the interrupt for later; in an
   * expired scope {@code CancelledException} is thrown after it.
   *
   * <p><i>Thread-safety:</i> any thread, any number of times.
   */
  @Override
  public void close() throws IOException {
    if (!session.lifecycle.close()) {
      Parking.throwIfExpired();
      return;
    }
    try {
      Parking.checkpoint();
      sendCloseNotify();
    } catch (InterruptedException e) {
      abandon();
      Thread.currentThread().interrupt();
      return;
    } catch (Throwable e) {
      abandon();
      throw e;
    }
    session.release();
    transport.close();
  }

  @Override
  public void closeForcefully() {
    if (!session.lifecycle.isUnwrapped()) {
      abandon();
    }
  }

  private void abandon() {
    session.release();
    transport.closeForcefully();
  }

  @Override
  public String toString() {
    return "TlsStream(" + session + ", " + transport + ")";
  }

  /** One look at the session. */
  @FunctionalInterface
  private interface Step {
    TlsNeed take() throws IOException;
  }

  private void receive(Step step) throws IOException, InterruptedException {
    session.receiving.enter();
    try {
      Parking.checkpoint();
      session.ensureCanReceive();
      handshake();
      while (true) {
        long fed = session.fed();
        TlsNeed need = step.take();
        if (need == TlsNeed.NOTHING) {
          return;
        }
        try {
          meet(need, fed, session.urgentMark());
        } catch (IOException e) {
          if (!session.receivesWithout(need)) {
            throw e;
          }
        }
      }
    } catch (BrokenResourceException e) {
      sendAlert();
      throw e;
    } finally {
      session.receiving.exit();
    }
  }

  /** Sees to it that there was a handshake, done by this task or another. */
  private void handshake() throws IOException, InterruptedException {
    while (!session.isHandshaken()) {
      if (session.handshakeTurn.tryEnter()) {
        try {
          session.lifecycle.ensureWhole();
          doHandshakeInTime();
        } finally {
          session.handshakeTurn.exit();
        }
      } else {
        Parking.await(session.handshakeTurn);
        session.ensureCanReceive();
      }
    }
  }

  private void doHandshakeInTime() throws IOException, InterruptedException {
    try {
      if (chooser != null && session.isChoosing()) {
        doHandshakeInTime(TlsNeed.CHOOSE);
        choose(chooser);
      }
      doHandshakeInTime(TlsNeed.NOTHING);
    } catch (BrokenResourceException | Error e) {
      sendAlert();
      throw e;
    }
  }

  private void doHandshakeInTime(TlsNeed goal) throws IOException, InterruptedException {
    Duration limit = session.handshakeTimeout();
    if (limit == null) {
      doHandshakeNow(goal);
    } else if (CancelScope.moveOnAfter(limit).run(() -> doHandshakeNow(goal))) {
      transport.closeForcefully();
      throw session.tooSlow(limit);
    }
  }

  /** Asks the user. Not within the limit of the handshake: the peer cannot do anything about it. */
  private void choose(Chooser chooser) throws IOException, InterruptedException {
    ClientHello hello = session.hello();
    try {
      session.choose(hello, chooser.choose(hello));
    } catch (InterruptedException | CancelledException e) {
      session.lifecycle.breakBy("the TLS handshake was cut short", e);
      throw e;
    } catch (Throwable e) {
      session.choiceFailed(e);
      sendAlert();
      throw e;
    }
  }

  private void doHandshakeNow(TlsNeed goal) throws IOException, InterruptedException {
    try {
      takeHandshakeSteps(goal);
    } catch (IOException e) {
      IOException told = session.mayHearWhy() ? hearWhy(e) : e;
      session.cutShort("the TLS handshake was cut short", told);
      throw told;
    } catch (Throwable e) {
      session.cutShort("the TLS handshake was cut short", e);
      throw e;
    }
  }

  private void takeHandshakeSteps(TlsNeed goal) throws IOException, InterruptedException {
    while (true) {
      long fed = session.fed();
      TlsNeed need = session.handshake();
      if (need == goal) {
        return;
      }
      meet(need, fed, session.urgentMark());
    }
  }

  /** Listens to a peer that takes nothing any more: it may have said why, before. */
  private IOException hearWhy(IOException sendFailure) throws InterruptedException {
    try {
      boolean unused =
          CancelScope.moveOnAfter(TlsSession.ALERT_TIME)
              .run(() -> takeHandshakeSteps(TlsNeed.NOTHING));
      return session.whyNot(sendFailure, null);
    } catch (IOException heard) {
      return session.whyNot(sendFailure, heard);
    }
  }

  /** Gives a step what it needs. */
  private void meet(TlsNeed need, long fed, long mark) throws IOException, InterruptedException {
    switch (need) {
      case NOTHING, CHOOSE -> {}
      case SEND -> flush(mark);
      case RECEIVE -> receiveMore(fed);
      case COMPUTE -> compute();
      case TURN -> Parking.await(session.engineTurn);
    }
  }

  /** Sees to it that the output is sent so far, by this task or another. */
  private void flush(long mark) throws IOException, InterruptedException {
    while (true) {
      long exits = session.sendTurn.exits();
      if (session.isSent(mark)) {
        return;
      }
      if (session.sendTurn.tryEnter()) {
        try {
          sendOutput();
        } finally {
          session.sendTurn.exit();
        }
      } else {
        Parking.await(session.sendTurn.exitAfter(exits));
      }
    }
  }

  private void sendOutput() throws IOException, InterruptedException {
    ByteBuffer batch = session.takeOutput();
    if (batch == null) {
      return;
    }
    try {
      transport.sendAll(batch);
    } catch (Throwable e) {
      session.sendFailed(e);
      throw e;
    }
    session.sent(batch);
  }

  /** Receives, unless somebody has done so since this task has looked. */
  private void receiveMore(long fed) throws IOException, InterruptedException {
    long exits = session.receiveTurn.exits();
    if (session.receiveTurn.tryEnter()) {
      try {
        if (session.fed() == fed) {
          session.feed(transport.receiveSome(TlsSession.RECEIVE_BYTES));
        }
      } finally {
        session.receiveTurn.exit();
      }
    } else if (session.fed() == fed) {
      Parking.await(session.receiveTurn.exitAfter(exits));
    }
  }

  private void compute() throws InterruptedException {
    if (session.engineTurn.tryEnter()) {
      try {
        session.compute();
      } finally {
        session.engineTurn.exit();
      }
    } else {
      Parking.await(session.engineTurn);
    }
  }

  /** Puts close_notify into the output. An engine that is computing says nothing. */
  private void closeOutbound(boolean eof) throws IOException, InterruptedException {
    while (session.closeOutbound(eof) != TlsNeed.NOTHING) {
      Parking.await(session.engineTurn);
    }
  }

  private void awaitCloseNotify(boolean discard) throws IOException, InterruptedException {
    while (true) {
      long fed = session.fed();
      TlsNeed need = session.awaitCloseNotify(discard);
      if (need == TlsNeed.NOTHING) {
        return;
      }
      meet(need, fed, session.urgentMark());
    }
  }

  private void sendCloseNotify() throws IOException, InterruptedException {
    if (!session.owesCloseNotify()) {
      return;
    }
    try {
      closeOutbound(false);
      if (!session.sendTurn.tryEnter()) {
        // Another task is sending, and may be stuck.
        return;
      }
      try {
        sendOutput();
      } finally {
        session.sendTurn.exit();
      }
    } catch (IOException e) {
      // The peer is gone. There is nobody to send close_notify to, and nothing is lost by it.
    }
    Duration patience = session.closeNotifyReadTimeout();
    if (!patience.isZero() && !session.lifecycle.isBroken()) {
      try {
        boolean unused = CancelScope.moveOnAfter(patience).run(() -> awaitCloseNotify(true));
      } catch (IOException e) {
        // It will not come. It was only waited for to please the peer.
      }
    }
  }

  /** Tries to tell the peer what was wrong with it: for a while, and whatever comes of it. */
  private void sendAlert() throws InterruptedException {
    if (!session.hasAlert()) {
      return;
    }
    try {
      boolean unused =
          CancelScope.moveOnAfter(TlsSession.ALERT_TIME)
              .run(
                  () -> {
                    while (!session.sendTurn.tryEnter()) {
                      Parking.await(session.sendTurn);
                    }
                    try {
                      sendOutput();
                    } finally {
                      session.sendTurn.exit();
                    }
                  });
    } catch (IOException e) {
      // The peer is gone; the failure that the caller gets says why.
    }
  }
}
