package dev.tercet.internal.connect;

import dev.tercet.BrokenResourceException;
import dev.tercet.internal.net.NonBlockingSocket;
import dev.tercet.internal.net.Scratch;
import dev.tercet.internal.tls.TlsSession;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitNanos;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.proto.tls.TlsNeed;
import dev.tercet.tls.TlsConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connect with a TLS handshake behind it, in steps that never wait.
 *
 * <p>The streams' drivers wait in the transport; here one task has many attempts to look after, and
 * moves the bytes between the session and the socket itself. The driver says which executor runs
 * the engine: the one that the language's streams use, so that one limit holds for both (spec
 * TLS-R6). While the engine runs elsewhere, the place to wait in is the end of its step.
 */
public final class TlsEstablishing implements Establishing<TlsEstablishing> {
  private static final byte[] NOTHING = {};

  private final Establishing<NonBlockingSocket> connect;
  private final TlsSession session;
  private final Executor computing;
  private boolean isConnected;
  private @Nullable EngineStep step;
  private @Nullable ByteBuffer output;

  /** Null as long as everything could be sent. */
  private @Nullable IOException sendFailure;

  private long deadlineNanos = Dial.NEVER;

  /** What the engine has to do until it needs the network or has ended the handshake. */
  private static final class EngineStep implements Runnable {
    final Latch done = new Latch();
    private final TlsSession session;
    private TlsNeed need = TlsNeed.NOTHING;
    private @Nullable Throwable failure;

    EngineStep(TlsSession session) {
      this.session = session;
    }

    @Override
    public void run() {
      try {
        need = session.handshake();
        while (need == TlsNeed.COMPUTE) {
          session.compute();
          need = session.handshake();
        }
      } catch (Throwable e) {
        failure = e;
      }
      done.open();
    }

    TlsNeed need() throws IOException {
      if (failure instanceof IOException e) {
        throw e;
      }
      if (failure instanceof RuntimeException e) {
        throw e;
      }
      if (failure instanceof Error e) {
        throw e;
      }
      return need;
    }
  }

  private TlsEstablishing(
      Establishing<NonBlockingSocket> connect, TlsSession session, Executor computing) {
    this.connect = connect;
    this.session = session;
    this.computing = computing;
  }

  /**
   * Begins attempts with a session each.
   *
   * @param host who the server has to be
   * @param config how to speak TLS
   * @param connects begins what comes before the handshake
   * @param computing runs the engine, in place or elsewhere
   * @return begins attempts
   */
  public static Opening<TlsEstablishing> opening(
      String host, TlsConfig config, Opening<NonBlockingSocket> connects, Executor computing) {
    return (target, local) -> {
      TlsSession session = TlsSession.client(host, config, NOTHING);
      try {
        return new TlsEstablishing(connects.open(target, local), session, computing);
      } catch (Throwable e) {
        session.release();
        throw e;
      }
    };
  }

  @Override
  public @Nullable WaitPlace advance(long nowNanos) throws IOException {
    Duration limit = session.handshakeTimeout();
    if (!isConnected) {
      WaitPlace place = connect.advance(nowNanos);
      if (place != null) {
        return place;
      }
      isConnected = true;
      if (limit != null) {
        deadlineNanos = nowNanos + WaitNanos.of(limit);
      }
    }
    try {
      WaitPlace place = handshake();
      if (place != null && limit != null && nowNanos - deadlineNanos >= 0) {
        throw session.tooSlow(limit);
      }
      return place;
    } catch (BrokenResourceException e) {
      sendAlert();
      IOException failure = sendFailure;
      throw failure == null ? e : session.whyNot(failure, e);
    }
  }

  @Override
  public long deadlineNanos() {
    return deadlineNanos;
  }

  private @Nullable WaitPlace handshake() throws IOException {
    while (true) {
      EngineStep current = step;
      if (current == null) {
        step = current = begin();
      }
      if (!current.done.isOpen()) {
        return current.done;
      }
      TlsNeed need = current.need();
      WaitPlace place =
          switch (need) {
            case NOTHING -> null;
            case SEND -> flush();
            case RECEIVE -> receive();
            case CHOOSE, COMPUTE, TURN ->
                throw new IllegalStateException("a client, alone with its session, needs " + need);
          };
      if (place != null) {
        return place;
      }
      step = null;
      if (need == TlsNeed.NOTHING) {
        throwIfUnsent();
        return null;
      }
    }
  }

  private EngineStep begin() {
    EngineStep next = new EngineStep(session);
    computing.execute(next);
    return next;
  }

  /** Sends what there is, as far as the system has room. */
  private @Nullable WaitPlace flush() throws IOException {
    NonBlockingSocket socket = connect.result();
    while (true) {
      ByteBuffer batch = output;
      if (batch == null) {
        output = batch = session.takeOutput();
      }
      if (batch == null) {
        return null;
      }
      try {
        socket.write(batch);
      } catch (IOException e) {
        // The peer may have said why it takes nothing any more: what has arrived is read first.
        sendFailure = e;
        output = null;
        session.sendFailed(e);
        return null;
      }
      if (batch.hasRemaining()) {
        return socket.writable();
      }
      output = null;
      session.sent(batch);
    }
  }

  private @Nullable WaitPlace receive() throws IOException {
    NonBlockingSocket socket = connect.result();
    ByteBuffer scratch = Scratch.take();
    try {
      int count = read(socket, scratch);
      if (count == 0) {
        throwIfUnsent();
        return socket.readable();
      }
      byte[] bytes = new byte[Math.max(count, 0)]; // none for the end
      scratch.flip().get(bytes);
      session.feed(bytes);
    } finally {
      Scratch.giveBack(scratch);
    }
    return null;
  }

  private int read(NonBlockingSocket socket, ByteBuffer scratch) throws IOException {
    try {
      return socket.read(scratch);
    } catch (IOException e) {
      throwIfUnsent();
      throw e;
    }
  }

  /** A handshake that could not send does not wait for an answer, nor does it succeed. */
  private void throwIfUnsent() throws IOException {
    IOException failure = sendFailure;
    if (failure != null) {
      throw failure;
    }
  }

  /** The peer is told what was wrong with it if that can be done at once. */
  private void sendAlert() {
    if (session.hasAlert()) {
      try {
        flush();
      } catch (IOException gone) {
        // The failure of the attempt says why.
      }
    }
  }

  @Override
  public TlsEstablishing result() {
    return this;
  }

  /**
   * The connection.
   *
   * @return connected, when this is established
   */
  public NonBlockingSocket socket() {
    return connect.result();
  }

  /**
   * The session.
   *
   * @return past its handshake, when this is established
   */
  public TlsSession session() {
    return session;
  }

  @Override
  public void close() {
    connect.close();
    session.release();
  }

  @Override
  public Latch released() {
    return connect.released();
  }
}
