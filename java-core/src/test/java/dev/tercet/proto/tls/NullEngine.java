package dev.tercet.proto.tls;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * An engine that encrypts nothing and behaves in all the ways in which engines have been seen to
 * behave, alone or together. Records have a header like TLS's: the type, two bytes, the length.
 *
 * <p>The handshake: the client says C, the server answers S, the client says F.
 */
final class NullEngine extends StubEngine {
  /** What some engine does. */
  enum Quirk {
    /** A computation after each message of the handshake. */
    TASKS,
    /** Wants a computation and has none to give. */
    NULL_TASK,
    /** Reports the end of the handshake only when it is asked once more, with nothing. */
    LATE_FINISHED,
    /** Reports the end of the handshake never, but by its status. */
    NO_FINISHED,
    /** Reports the end of the handshake with every record. */
    MANY_FINISHED,
    /** Reads nothing while it has something to say. */
    SPEAKS_FIRST,
    /** Says after a bad record that it wants to wrap, throws then, and gives its alert after. */
    LATE_EXCEPTION,
    /** Wants to wrap for ever, and says nothing. */
    MUTE,
    /**
     * Takes the input and gives the first byte, "too little room", and the rest when asked again.
     */
    SPILLS,
    /** Takes nothing, gives nothing, and is content. */
    STALLS,
    /** Closes both halves together. */
    CLOSES_BOTH,
    /** Says CLOSED of everything once its sending half is closed, and reads on. */
    CLOSED_ONCE_SENT,
    /** Hides that it has failed: the result of the unwrap wishes to wrap, and the alert is all. */
    FAILS_SILENTLY,
    /** Has never enough room to wrap. */
    NO_ROOM,
    /** Says "too little room" before it says that the record is not whole. */
    ROOM_FIRST,
    /** Says "unwrap again" where others say "unwrap". */
    AGAIN,
    /** Throws what is no SSLException. */
    RUNTIME_EXCEPTION,
    /** A data record that is longer than the header says it can be: grows its buffers. */
    GROWS,
    /** Has a message of its own to send before the data that it is given: takes none of it. */
    OWN_WORDS_FIRST,
    /** Speaks TLS 1.2. */
    OLD
  }

  /** An alert that this engine takes for a warning: it does nothing. */
  static final byte[] WARNING = record(ALERT, (byte) 'W');

  private final boolean client;
  private final Set<Quirk> quirks;
  private final Deque<byte[]> own = new ArrayDeque<>();
  private byte[] spilled = {};
  private HandshakeStatus status = HandshakeStatus.NOT_HANDSHAKING;
  private @Nullable Runnable task;
  private boolean handshaken;
  private boolean finishedToTell;
  private boolean inboundDone;
  private boolean outboundDone;
  private int exceptionsToCome;
  private int grown;
  private boolean saidOwn;

  /** How often the handshake was begun. */
  int begun;

  NullEngine(boolean client, Quirk... quirks) {
    super(client);
    this.client = client;
    this.quirks = EnumSet.noneOf(Quirk.class);
    this.quirks.addAll(Arrays.asList(quirks));
  }

  private boolean is(Quirk quirk) {
    return quirks.contains(quirk);
  }

  /** Something to hand out when it is asked next. */
  void queue(byte[] record) {
    own.add(record);
  }

  @Override
  public void beginHandshake() {
    begun++;
    if (client) {
      own.add(record(HANDSHAKE, (byte) 'C'));
    }
    status = client ? HandshakeStatus.NEED_WRAP : unwrapping();
    if (is(Quirk.NULL_TASK)) {
      status = HandshakeStatus.NEED_TASK;
    }
    if (is(Quirk.MUTE)) {
      own.clear();
      status = HandshakeStatus.NEED_WRAP;
    }
  }

  private HandshakeStatus unwrapping() {
    return is(Quirk.AGAIN) ? HandshakeStatus.NEED_UNWRAP_AGAIN : HandshakeStatus.NEED_UNWRAP;
  }

  @Override
  public SSLEngineResult wrap(ByteBuffer[] sources, int offset, int length, ByteBuffer out)
      throws SSLException {
    if (exceptionsToCome > 0) {
      exceptionsToCome--;
      throw new SSLException("late: bad record");
    }
    if (is(Quirk.NO_ROOM) && out.remaining() < 1_000_000) {
      return result(Status.BUFFER_OVERFLOW, 0, 0);
    }
    byte[] message = own.poll();
    if (message != null) {
      out.put(message);
      if (own.isEmpty() && status == HandshakeStatus.NEED_WRAP) {
        status = handshaken || outboundDone ? HandshakeStatus.NOT_HANDSHAKING : unwrapping();
        if (client && !handshaken && message[HEADER] == 'F') {
          finish();
        }
      }
      return result(isOutboundDone() ? Status.CLOSED : Status.OK, 0, message.length);
    }
    if (outboundDone) {
      return result(Status.CLOSED, 0, 0);
    }
    ByteBuffer source = sources[offset];
    if (!handshaken || !source.hasRemaining()) {
      return result(Status.OK, 0, 0);
    }
    if (is(Quirk.OWN_WORDS_FIRST) && !saidOwn) {
      saidOwn = true;
      byte[] empty = record(DATA);
      out.put(empty);
      return result(Status.OK, 0, empty.length);
    }
    saidOwn = false;
    byte[] content = new byte[Math.min(source.remaining(), 1000)];
    source.get(content);
    byte[] record = record(DATA, content);
    out.put(record);
    return result(Status.OK, content.length, record.length);
  }

  @Override
  public SSLEngineResult unwrap(ByteBuffer source, ByteBuffer[] targets, int offset, int length)
      throws SSLException {
    ByteBuffer target = targets[offset];
    if (spilled.length > 0) {
      int n = spilled.length;
      target.put(spilled);
      spilled = new byte[0];
      return result(Status.OK, 0, n);
    }
    if (is(Quirk.STALLS) && source.hasRemaining()) {
      return result(Status.OK, 0, 0);
    }
    if (inboundDone) {
      return result(Status.CLOSED, 0, 0);
    }
    if (is(Quirk.SPEAKS_FIRST) && !own.isEmpty()) {
      status = HandshakeStatus.NEED_WRAP;
      return result(Status.OK, 0, 0);
    }
    if (is(Quirk.LATE_FINISHED) && finishedToTell && !source.hasRemaining()) {
      finishedToTell = false;
      status = HandshakeStatus.NOT_HANDSHAKING;
      return new SSLEngineResult(Status.OK, HandshakeStatus.FINISHED, 0, 0);
    }
    if (is(Quirk.ROOM_FIRST) && target.remaining() < 2000) {
      return result(Status.BUFFER_OVERFLOW, 0, 0);
    }
    int start = source.position();
    if (source.remaining() < HEADER) {
      return result(Status.BUFFER_UNDERFLOW, 0, 0);
    }
    int content = (source.get(start + 3) & 0xff) << 8 | (source.get(start + 4) & 0xff);
    if (source.remaining() < HEADER + content) {
      return result(Status.BUFFER_UNDERFLOW, 0, 0);
    }
    if (is(Quirk.GROWS) && source.get(start) == DATA && target.remaining() < 40_000) {
      grown = 40_000;
      return result(Status.BUFFER_OVERFLOW, 0, 0);
    }
    byte type = source.get(start);
    byte[] bytes = new byte[content];
    source.position(start + HEADER);
    source.get(bytes);
    int consumed = HEADER + content;
    switch (type) {
      case HANDSHAKE -> {
        if (content == 0) {
          return result(Status.OK, consumed, 0);
        }
        if (handshaken) {
          own.add(record(ALERT, (byte) 'U'));
          outboundDone = true;
          inboundDone = true;
          throw new SSLException("unexpected message: " + (char) bytes[0]);
        }
        handshakeMessage(bytes[0]);
      }
      case CHANGE_CIPHER_SPEC -> {
        return result(Status.OK, consumed, 0);
      }
      case ALERT -> {
        if (bytes[0] == 'W') {
          return result(Status.OK, consumed, 0);
        }
        inboundDone = true;
        return result(Status.CLOSED, consumed, 0);
      }
      case DATA -> {
        if (is(Quirk.SPILLS) && bytes.length > 1) {
          target.put(bytes[0]);
          spilled = Arrays.copyOfRange(bytes, 1, bytes.length);
          return result(Status.BUFFER_OVERFLOW, consumed, 1);
        }
        target.put(bytes);
        return result(Status.OK, consumed, bytes.length);
      }
      default -> {
        own.add(record(ALERT, (byte) 'X'));
        if (is(Quirk.FAILS_SILENTLY)) {
          return new SSLEngineResult(Status.OK, HandshakeStatus.NEED_WRAP, consumed, 0);
        }
        outboundDone = true;
        inboundDone = true;
        if (is(Quirk.LATE_EXCEPTION)) {
          exceptionsToCome = 1;
          status = HandshakeStatus.NEED_WRAP;
          return result(Status.OK, consumed, 0);
        }
        if (is(Quirk.RUNTIME_EXCEPTION)) {
          throw new IllegalStateException("bad record");
        }
        throw new SSLException("bad record");
      }
    }
    return result(Status.OK, consumed, 0);
  }

  private void handshakeMessage(byte message) {
    if (message == 'C') {
      own.add(record(HANDSHAKE, (byte) 'S'));
      status = HandshakeStatus.NEED_WRAP;
    } else if (message == 'S') {
      own.add(record(HANDSHAKE, (byte) 'F'));
      status = HandshakeStatus.NEED_WRAP;
    } else {
      finish();
    }
    if (is(Quirk.TASKS)) {
      HandshakeStatus then = status;
      status = HandshakeStatus.NEED_TASK;
      task = () -> status = then;
    }
  }

  private void finish() {
    handshaken = true;
    finishedToTell = true;
    status = is(Quirk.LATE_FINISHED) ? unwrapping() : HandshakeStatus.NOT_HANDSHAKING;
  }

  private SSLEngineResult result(Status outcome, int consumed, int produced) {
    HandshakeStatus told = status;
    Status said = is(Quirk.CLOSED_ONCE_SENT) && isOutboundDone() ? Status.CLOSED : outcome;
    boolean tell =
        status == HandshakeStatus.NOT_HANDSHAKING
            && !is(Quirk.LATE_FINISHED)
            && !is(Quirk.NO_FINISHED)
            && (finishedToTell || (is(Quirk.MANY_FINISHED) && handshaken));
    if (tell) {
      finishedToTell = false;
      told = HandshakeStatus.FINISHED;
    }
    return new SSLEngineResult(said, told, consumed, produced);
  }

  @Override
  public @Nullable Runnable getDelegatedTask() {
    Runnable taken = task;
    task = null;
    return taken;
  }

  @Override
  public void closeInbound() throws SSLException {
    if (!inboundDone) {
      inboundDone = true;
      throw new SSLException("no close_notify");
    }
  }

  @Override
  public boolean isInboundDone() {
    return inboundDone;
  }

  @Override
  public void closeOutbound() {
    if (!outboundDone) {
      own.add(record(ALERT, (byte) 'B'));
      outboundDone = true;
      inboundDone |= is(Quirk.CLOSES_BOTH);
    }
  }

  @Override
  public boolean isOutboundDone() {
    return outboundDone && own.isEmpty();
  }

  @Override
  public HandshakeStatus getHandshakeStatus() {
    return status;
  }

  @Override
  public SSLSession getSession() {
    StubSession session = new StubSession();
    if (handshaken) {
      session.open(is(Quirk.OLD) ? "TLSv1.2" : "TLSv1.3");
    }
    session.packetBytes = Math.max(2000, grown);
    session.applicationBytes = session.packetBytes;
    return session.proxy();
  }
}
