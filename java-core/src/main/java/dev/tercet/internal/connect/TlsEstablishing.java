package dev.tercet.internal.connect;

import dev.tercet.ClosedResourceException;
import dev.tercet.TooSlowException;
import dev.tercet.internal.net.NonBlockingSocket;
import dev.tercet.internal.net.Scratch;
import dev.tercet.internal.tls.Handshake;
import dev.tercet.internal.tls.TlsSession;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.Operation;
import dev.tercet.internal.wait.Operation.Need;
import dev.tercet.internal.wait.Rethrow;
import dev.tercet.internal.wait.WaitNanos;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.tls.TlsConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A TCP connect with a TLS handshake behind it, in steps that never wait: a driver of the handshake
 * for one task that has many attempts to look after.
 *
 * <p>It meets what the {@linkplain Operation operation} needs by the socket itself, as far as that
 * goes without waiting, and else says where to wait. An operation's parts lie on a stack, each with
 * its limit. What is done only for the peer's sake, or to explain a failure, gets no time: a race
 * does not wait for that.
 *
 * <p>The caller says which executor runs the engine: the one that the language's streams use, so
 * that one limit holds for both (spec TLS-R6). While the engine runs elsewhere, the place to wait
 * in is the end of its computation.
 */
public final class TlsEstablishing implements Establishing<TlsEstablishing> {
  private static final byte[] NOTHING = {};

  private final Establishing<NonBlockingSocket> connect;
  private final TlsSession session;
  private final Executor computing;
  private boolean isConnected;

  /** What is under way; the innermost part is the first. */
  private final Deque<Part> parts = new ArrayDeque<>();

  /** What the innermost part needs; null when it is to be asked. */
  private @Nullable Need need;

  /** Null when nothing is computed. */
  private @Nullable Computation computation;

  private static final class Part {
    final Operation operation;
    final @Nullable Duration limit;
    final long deadlineNanos;

    Part(Operation operation, @Nullable Duration limit, long nowNanos) {
      this.operation = operation;
      this.limit = limit;
      this.deadlineNanos = limit == null ? Dial.NEVER : nowNanos + WaitNanos.of(limit);
    }

    boolean isExpired(long nowNanos) {
      return limit != null && nowNanos - deadlineNanos >= 0;
    }
  }

  private static final class Computation implements Runnable {
    final Latch done = new Latch();
    private final Operation operation;
    private @Nullable Throwable failure;

    Computation(Operation operation) {
      this.operation = operation;
    }

    @Override
    public void run() {
      try {
        operation.compute();
      } catch (Throwable e) {
        failure = e;
      }
      done.open();
    }

    void throwFailure() throws Throwable {
      if (failure != null) {
        throw failure;
      }
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
   * @param connects begins what comes before the handshake
   * @param computing runs the engine, in place or elsewhere
   */
  public static Opening<TlsEstablishing> opening(
      String host, TlsConfig config, Opening<NonBlockingSocket> connects, Executor computing) {
    return (target, local) -> {
      TlsSession session = TlsSession.client(host, config, NOTHING);
      session.over(target);
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
    if (!isConnected) {
      WaitPlace place = connect.advance(nowNanos);
      if (place != null) {
        return place;
      }
      isConnected = true;
      parts.push(new Part(new Handshake(session), null, nowNanos));
    }
    while (!parts.isEmpty()) {
      WaitPlace place = goOn(nowNanos);
      if (place != null && !expireOne(nowNanos)) {
        return place;
      }
    }
    return null;
  }

  @Override
  public long deadlineNanos() {
    long next = Dial.NEVER;
    for (Part part : parts) {
      if (part.limit != null && (next == Dial.NEVER || part.deadlineNanos - next < 0)) {
        next = part.deadlineNanos;
      }
    }
    return next;
  }

  /** Meets what the innermost part needs. Returns where to wait, if it cannot be met now. */
  private @Nullable WaitPlace goOn(long nowNanos) throws IOException {
    try {
      Operation operation = parts.element().operation;
      if (need == null) {
        need = operation.next();
      }
      WaitPlace place = meet(need, operation, nowNanos);
      need = place == null ? null : need;
      return place;
    } catch (Throwable e) {
      need = null;
      unwind(e);
      return null;
    }
  }

  private @Nullable WaitPlace meet(Need need, Operation operation, long nowNanos) throws Throwable {
    switch (need) {
      case DONE -> {
        parts.pop();
        ended(false);
      }
      case SEND -> {
        return send(operation.output());
      }
      case RECEIVE -> {
        return receive(operation);
      }
      case COMPUTE -> {
        return compute(operation);
      }
      case WAIT -> {
        return operation.place();
      }
      case WITHIN -> parts.push(new Part(operation.part(), operation.limit(), nowNanos));
      case ABANDON -> connect.close();
      case ASK, FILL, RELEASE, WRITABLE ->
          throw new IllegalStateException("a client's handshake needs " + need);
    }
    return null;
  }

  private void ended(boolean expired) {
    if (!parts.isEmpty()) {
      parts.element().operation.ended(expired);
    }
  }

  /** What a part has failed with is told to those around it, until one of them goes on. */
  private void unwind(Throwable e) throws IOException {
    while (!parts.isEmpty()) {
      if (parts.element().operation.failed(e)) {
        return;
      }
      parts.pop();
    }
    throw Rethrow.<IOException>unchecked(e);
  }

  /**
   * Ends the outermost part whose time is over, and all inside it: before a wait, never before what
   * can be done without one. Returns false when there is none.
   */
  private boolean expireOne(long nowNanos) {
    int expired = 0;
    int depth = 0;
    for (Part part : parts) {
      depth++;
      if (part.isExpired(nowNanos) || part.operation.isCourtesy()) {
        expired = depth;
      }
    }
    for (int i = 0; i < expired; i++) {
      Part part = parts.pop();
      part.operation.cancelled(
          new TooSlowException(part.limit == null ? Duration.ZERO : part.limit));
    }
    if (expired > 0) {
      need = null;
      computation = null;
      ended(true);
    }
    return expired > 0;
  }

  /** Sends, as far as the system has room. */
  private @Nullable WaitPlace send(ByteBuffer output) throws IOException {
    NonBlockingSocket socket = connect.result();
    socket.write(output);
    return output.hasRemaining() ? socket.writable() : null;
  }

  private @Nullable WaitPlace receive(Operation operation) throws IOException {
    NonBlockingSocket socket = connect.result();
    ByteBuffer scratch = Scratch.take();
    try {
      int count = socket.read(scratch);
      if (count == 0) {
        return socket.readable();
      }
      byte[] bytes = new byte[Math.max(count, 0)]; // none for the end
      scratch.flip().get(bytes);
      operation.received(bytes);
      return null;
    } finally {
      Scratch.giveBack(scratch);
    }
  }

  private @Nullable WaitPlace compute(Operation operation) throws Throwable {
    Computation current = computation;
    if (current == null) {
      computation = current = new Computation(operation);
      computing.execute(current);
    }
    if (!current.done.isOpen()) {
      return current.done;
    }
    computation = null;
    current.throwFailure();
    return null;
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
    if (!parts.isEmpty()) {
      ClosedResourceException givenUp = new ClosedResourceException("the attempt was given up");
      while (!parts.isEmpty()) {
        parts.pop().operation.cancelled(givenUp);
      }
    }
    connect.close();
    session.release();
  }

  @Override
  public Latch released() {
    return connect.released();
  }
}
