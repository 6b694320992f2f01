package dev.tercet.proto.tls;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** An engine that does what a test has written down, call by call. */
final class ScriptedEngine extends StubEngine {
  /** What one call does. */
  @FunctionalInterface
  interface Call {
    SSLEngineResult make(ByteBuffer source, ByteBuffer target) throws SSLException;
  }

  final StubSession session = new StubSession();
  private final Deque<Call> wraps = new ArrayDeque<>();
  private final Deque<Call> unwraps = new ArrayDeque<>();

  /** What the getter says. */
  HandshakeStatus status = HandshakeStatus.NOT_HANDSHAKING;

  /** What the getter throws. */
  @Nullable RuntimeException onStatus;

  @Nullable Exception onBegin;
  @Nullable RuntimeException onTask;
  @Nullable RuntimeException onCloseOutbound;
  @Nullable Exception onCloseInbound;
  @Nullable Runnable task;
  @Nullable String alpn;
  boolean inboundDone;

  /** False for one that does not know such a thing. */
  boolean knowsHandshakeSession = true;

  boolean hasHandshakeSession;

  /** False for one that does not know application protocols. */
  boolean knowsAlpn = true;

  int begun;
  int wrapped;
  int unwrapped;
  int tasksAsked;
  int outboundClosed;
  int inboundClosed;

  ScriptedEngine(boolean client) {
    super(client);
  }

  /** The next wrap does that; without a script it does nothing. */
  void onWrap(Call call) {
    wraps.add(call);
  }

  /** The next unwrap does that; without a script it wants more. */
  void onUnwrap(Call call) {
    unwraps.add(call);
  }

  /** A wrap that takes nothing and gives a record. */
  static Call gives(Status status, HandshakeStatus told, byte[] record) {
    return (source, target) -> {
      target.put(record);
      return new SSLEngineResult(status, told, 0, record.length);
    };
  }

  /** A wrap that encrypts: takes so many bytes and gives a record. */
  static Call encrypts(int taken, byte[] record) {
    return (source, target) -> {
      source.position(source.position() + taken);
      target.put(record);
      return new SSLEngineResult(Status.OK, HandshakeStatus.NOT_HANDSHAKING, taken, record.length);
    };
  }

  /** An unwrap that takes so many bytes and gives that data. */
  static Call reads(Status status, HandshakeStatus told, int taken, byte... data) {
    return (source, target) -> {
      source.position(source.position() + taken);
      target.put(data);
      return new SSLEngineResult(status, told, taken, data.length);
    };
  }

  /** A call that does nothing. */
  static Call idle(Status status, HandshakeStatus told) {
    return (source, target) -> new SSLEngineResult(status, told, 0, 0);
  }

  /** A call that throws. */
  static Call fails(String reason) {
    return (source, target) -> {
      throw new SSLException(reason);
    };
  }

  /** A call after which the getter says something else. */
  Call then(HandshakeStatus now, Call call) {
    return (source, target) -> {
      status = now;
      return call.make(source, target);
    };
  }

  @Override
  public SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer target)
      throws SSLException {
    wrapped++;
    Call call = wraps.poll();
    return call == null
        ? new SSLEngineResult(Status.OK, status, 0, 0)
        : call.make(sources[offset], target);
  }

  @Override
  public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] targets, int offset, int length)
      throws SSLException {
    unwrapped++;
    Call call = unwraps.poll();
    return call == null
        ? new SSLEngineResult(Status.BUFFER_UNDERFLOW, status, 0, 0)
        : call.make(source, targets[offset]);
  }

  @Override
  public void beginHandshake() throws SSLException {
    begun++;
    throwAny(onBegin);
  }

  @Override
  public @Nullable Runnable getDelegatedTask() {
    tasksAsked++;
    if (onTask != null) {
      throw onTask;
    }
    Runnable given = task;
    task = null;
    return given;
  }

  @Override
  public void closeOutbound() {
    outboundClosed++;
    if (onCloseOutbound != null) {
      throw onCloseOutbound;
    }
  }

  @Override
  public void closeInbound() throws SSLException {
    inboundClosed++;
    throwAny(onCloseInbound);
  }

  private static void throwAny(@Nullable Exception e) throws SSLException {
    if (e instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (e instanceof SSLException known) {
      throw known;
    }
  }

  @Override
  public boolean isInboundDone() {
    return inboundDone;
  }

  @Override
  public boolean isOutboundDone() {
    return false;
  }

  @Override
  public HandshakeStatus getHandshakeStatus() {
    if (onStatus != null) {
      throw onStatus;
    }
    return status;
  }

  @Override
  public SSLSession getSession() {
    return session.proxy();
  }

  @Override
  public @Nullable SSLSession getHandshakeSession() {
    if (!knowsHandshakeSession) {
      throw new UnsupportedOperationException();
    }
    return hasHandshakeSession ? session.proxy() : null;
  }

  @Override
  public @Nullable String getApplicationProtocol() {
    if (!knowsAlpn) {
      throw new UnsupportedOperationException();
    }
    return alpn;
  }
}
