package dev.tercet.proto.tls;

import dev.tercet.tls.TlsInfo;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The calls of an {@link SSLEngine}, one at a time, and what their results mean. See {@link
 * TlsMachine} for the whole story, and for the rules that are named here by their ids. What is kept
 * between two calls is elsewhere: the engine's {@linkplain EngineWish wish}, the {@linkplain
 * TlsState state} of the session, what has {@linkplain TlsInbox come} and what {@linkplain
 * TlsOutbox goes}, and how it all {@linkplain TlsEnding ends}.
 *
 * <p>Not thread-safe; the caller holds the session lock.
 */
final class EngineCalls {
  /** The largest record that any engine takes (twice the largest of the standard, and a bit). */
  static final int MAX_RECORD_BYTES = 33_093 + 5;

  private final boolean server;
  private final TlsState state;
  private final TlsInbox inbox;
  private final TlsOutbox outbox;
  private final KeysInUse keys;
  private final TlsEnding ending;
  private final EngineWish wish = new EngineWish();
  private final DatalessRecords dataless = new DatalessRecords();

  /** Some engines want an array of at least one buffer, to wrap nothing (spec TLS-R-g). */
  private final ByteBuffer[] nothing = {ByteBuffer.allocate(0)};

  private final ByteBuffer[] something = {nothing[0]};

  /** Null until one is chosen. */
  private @Nullable SSLEngine engine;

  /** What the handshake must have brought about. */
  private PeerDemands demands = PeerDemands.NONE;

  private long startedMillis;

  /** A computation that nobody has taken yet. */
  private @Nullable Runnable task;

  /** The engine must not be touched. */
  private boolean taskRunning;

  /** The caller's buffer was refused as too small, whatever the header of the record says. */
  private boolean viaScratch;

  /** What a turn has led to. */
  enum Turn {
    /** Something has happened, or was tried and is counted. */
    PROGRESS,
    /** The engine must hear from the peer. */
    STARVED,
    /** The engine has handed out a computation. */
    TASK,
    /** Nothing more will come. */
    OVER
  }

  EngineCalls(
      boolean server,
      TlsState state,
      TlsInbox inbox,
      TlsOutbox outbox,
      KeysInUse keys,
      TlsEnding ending) {
    this.server = server;
    this.state = state;
    this.inbox = inbox;
    this.outbox = outbox;
    this.keys = keys;
    this.ending = ending;
  }

  /** Before the first turn. */
  void use(SSLEngine engine, PeerDemands demands) {
    this.engine = engine;
    this.demands = demands;
    ending.use(engine);
    state.chosen();
  }

  private SSLEngine engine() {
    if (engine == null) {
      throw new IllegalStateException("no engine has been chosen");
    }
    return engine;
  }

  /** Begins, once. */
  void begin(long nowMillis) {
    if (state.begin()) {
      startedMillis = nowMillis;
      try {
        engine().beginHandshake();
        wish.set(engine().getHandshakeStatus());
      } catch (SSLException | RuntimeException e) {
        ending.fail(e);
      }
    }
  }

  /** Whether the engine has something to do that needs nothing from the peer. */
  boolean hasOwnWish() {
    return wish.isOwn();
  }

  boolean wishesToCompute() {
    return wish.isToCompute();
  }

  /** The room that every engine is content with. */
  int recordRoom() {
    return engine().getSession().getPacketBufferSize();
  }

  /** Whether nothing can be received, although the peer has not sent close_notify. */
  boolean isDeaf() {
    return !state.isPeerClosed() && engine().isInboundDone();
  }

  /** How many records there were that brought no data. */
  long datalessRecords() {
    return dataless.all();
  }

  /**
   * Does what the engine wishes most.
   *
   * @param into where decrypted bytes may go; null for none
   */
  Turn turn(@Nullable ByteBuffer into) {
    if (wish.isToCompute()) {
      return nextTask();
    }
    if (wish.isToWrap()) {
      boolean wrote = wrap(nothing, recordRoom());
      wish.wrapped(wrote);
      return wrote ? Turn.PROGRESS : idle();
    }
    return unwrap(into);
  }

  // ----------------------------------------------------------------------- computations

  /** Whether the engine must not be touched. */
  boolean isComputing() {
    return taskRunning;
  }

  /** The computation that the last turn has led to; null when somebody has taken it. */
  @Nullable Runnable takeTask() {
    Runnable taken = task;
    task = null;
    taskRunning |= taken != null;
    return taken;
  }

  /**
   * A computation is over.
   *
   * @param error what it threw; most engines keep that to themselves and throw it at their next
   *     turn
   */
  void taskDone(@Nullable Throwable error) {
    taskRunning = false;
    if (state.phase() == TlsPhase.RELEASED) {
      ending.closeEngine();
    } else if (error != null) {
      ending.fail(error);
    } else {
      try {
        wish.set(engine().getHandshakeStatus());
      } catch (RuntimeException e) {
        ending.fail(e);
      }
    }
  }

  /** Ends it all. Returns whether the engine is closed now, and not by {@link #taskDone}. */
  boolean release() {
    if (state.release()) {
      inbox.wipe();
      task = null;
      if (taskRunning) {
        outbox.discard();
      } else {
        ending.closeEngine();
      }
    }
    return !taskRunning;
  }

  private Turn nextTask() {
    try {
      if (task == null) {
        task = engine().getDelegatedTask();
      }
      if (task != null) {
        wish.progress();
        return Turn.TASK;
      }
      wish.set(engine().getHandshakeStatus());
      return idle();
    } catch (RuntimeException e) {
      ending.fail(e);
      return Turn.PROGRESS;
    }
  }

  // ---------------------------------------------------------------------------- sending

  /** Encrypts one record of data, or what the engine has to say first. */
  void write(ByteBuffer data) {
    int before = data.remaining();
    something[0] = data;
    boolean wrote = wrap(something, recordRoom());
    something[0] = nothing[0];
    int taken = before - data.remaining();
    dataless.forgive(taken);
    if (!wrote && taken == 0) {
      idle();
    }
  }

  /** Encrypts one record. Returns whether there was any output. */
  private boolean wrap(ByteBuffer[] source, int room) {
    boolean lazy = isLazy();
    boolean wished = wish.wantsToWrap();
    try {
      ByteBuffer out = outbox.space(room);
      int start = out.position();
      SSLEngineResult result = engine().wrap(source, out);
      int produced = out.position() - start;
      if (produced > 0) {
        if (!state.isHandshaken()) {
          keys.sent(out, start);
        }
        boolean own = wished || source == nothing || result.bytesConsumed() == 0;
        if (lazy && source == nothing) {
          outbox.filledLazily(produced);
        } else {
          outbox.filled(produced);
          if (own && !lazy) {
            outbox.makeUrgent();
          }
        }
      }
      if (produced > 0 || result.bytesConsumed() > 0) {
        wish.progress();
      }
      if (result.getStatus() == Status.CLOSED) {
        state.outboundDone();
      }
      after(result, produced > 0);
      if (result.getStatus() == Status.BUFFER_OVERFLOW && produced == 0) {
        int larger = Math.max(recordRoom(), room + room / 2);
        if (larger > 4 * MAX_RECORD_BYTES) {
          ending.fail(
              "the engine finds no room for a record in " + room + " bytes",
              TlsAlert.INTERNAL_ERROR);
          return false;
        }
        return wrap(source, larger);
      }
      return produced > 0;
    } catch (SSLException | RuntimeException e) {
      ending.fail(e);
      return false;
    }
  }

  /** Whether what the engine wants to say now can wait for other output. */
  private boolean isLazy() {
    if (state.hasFailed() || state.isClosed()) {
      return false;
    }
    if (state.isHandshaken()) {
      return (state.isTls13() && !wish.isDisputed()) || state.isPeerClosed();
    }
    return server
        && hasNoHandshakeSession()
        && TlsState.TLS_1_3.equals(engine().getSession().getProtocol());
  }

  private boolean hasNoHandshakeSession() {
    try {
      return engine().getHandshakeSession() == null;
    } catch (UnsupportedOperationException e) {
      return false;
    }
  }

  // -------------------------------------------------------------------------- receiving

  /** Decrypts one record, or asks whether there is something to tell without one. */
  private Turn unwrap(@Nullable ByteBuffer into) {
    if (state.isPeerClosed()) {
      return Turn.OVER;
    }
    if (isForbiddenHandshake()) {
      // Before the engine sees it and agrees; so it is still able to send close_notify.
      ending.refuse("the peer asked for a renegotiation, which is not allowed");
      return Turn.PROGRESS;
    }
    TlsBuffers buffers = outbox.buffers();
    ByteBuffer scratch = null;
    try {
      ByteBuffer source = inbox.view();
      ByteBuffer target;
      if (into == null || viaScratch || !inbox.fits(into)) {
        int room = engine().getSession().getApplicationBufferSize() << wish.idleTurns();
        scratch = buffers.take(room);
        target = scratch;
      } else {
        target = into;
      }
      viaScratch = false;
      int sourceStart = source.position();
      int targetStart = target.position();
      boolean counts = DatalessRecords.counts(inbox, state.isHandshaken());
      SSLEngineResult result = engine().unwrap(source, target);
      int consumed = source.position() - sourceStart;
      int produced = target.position() - targetStart;
      if (!state.isHandshaken()) {
        keys.received(source, sourceStart);
      }
      inbox.drop(consumed);
      if (scratch != null) {
        inbox.addPlain(scratch.flip());
      }
      boolean progress = consumed > 0 || produced > 0;
      if (progress) {
        wish.hasRead();
      }
      HandshakeStatus before = wish.status();
      after(result, progress);
      if (produced > 0) {
        dataless.endRow();
      } else if (consumed > 0 && counts && !engine().isInboundDone() && dataless.isOneTooMany()) {
        // close_notify brings no data either, and is the last.
        ending.refuse(
            "the peer sent more than "
                + DatalessRecords.MAX
                + " records in a row without data: key updates, tickets, warnings or empty ones");
        return Turn.PROGRESS;
      }
      return switch (result.getStatus()) {
        // Once this side has sent close_notify, some say CLOSED of their sending half, and read on.
        case CLOSED -> engine().isInboundDone() ? closedByPeer(consumed) : needMore(progress);
        case BUFFER_UNDERFLOW -> needMore(progress);
        case BUFFER_OVERFLOW -> progress ? Turn.PROGRESS : overflow(scratch == null);
        case OK ->
            progress || wish.status() != before
                ? Turn.PROGRESS
                : inbox.size() == 0 ? needMore(false) : idle();
      };
    } catch (SSLException | RuntimeException e) {
      ending.fail(e);
      return Turn.PROGRESS;
    } finally {
      if (scratch != null) {
        Plaintext.wipe(scratch);
        buffers.giveBack(scratch);
      }
    }
  }

  /**
   * In TLS 1.2 the type of a record is not encrypted. Behind the handshake, one of the handshake
   * can only begin another (spec TLS-K6).
   */
  private boolean isForbiddenHandshake() {
    return state.isHandshaken() && !state.isTls13() && inbox.startsWith(RecordHeader.HANDSHAKE);
  }

  private Turn closedByPeer(int consumed) {
    if (consumed > 0 && state.isHandshaken()) {
      state.peerClosed();
    } else if (consumed > 0) {
      ending.failByEnd("the peer closed the connection during the handshake");
    }
    return Turn.OVER;
  }

  private Turn needMore(boolean progress) {
    // An engine may say that it has finished just when it has nothing more to read, and the session
    // may be refused then: nobody waits for a peer that is refused.
    if (progress || state.hasFailed()) {
      return Turn.PROGRESS;
    }
    if (wish.isOwn()) {
      return idle();
    }
    if (inbox.size() >= MAX_RECORD_BYTES) {
      ending.fail(
          "the peer's record is longer than " + MAX_RECORD_BYTES + " bytes",
          TlsAlert.RECORD_OVERFLOW);
      return Turn.PROGRESS;
    }
    wish.progress();
    return Turn.STARVED;
  }

  /** Some say that there is too little room before they say that the record is not whole. */
  private Turn overflow(boolean direct) {
    viaScratch = direct;
    return direct || inbox.hasWholeRecord() || inbox.size() >= MAX_RECORD_BYTES
        ? idle()
        : needMore(false);
  }

  // --------------------------------------------------------------------------- results

  private Turn idle() {
    if (wish.isIdleTooLong()) {
      ending.fail(
          "the TLS engine makes no progress in state " + wish.status(), TlsAlert.INTERNAL_ERROR);
    }
    return Turn.PROGRESS;
  }

  private void after(SSLEngineResult result, boolean progress) {
    HandshakeStatus told = result.getHandshakeStatus();
    HandshakeStatus asked = engine().getHandshakeStatus();
    wish.set(told, asked, progress);
    boolean over =
        told == HandshakeStatus.FINISHED
            || (asked == HandshakeStatus.NOT_HANDSHAKING
                && result.getStatus() != Status.CLOSED
                && !engine().getSession().getCipherSuite().contains("_NULL_WITH_NULL_"));
    if (!state.isHandshaken() && over) {
      TlsInfo facts = TlsFacts.of(engine(), startedMillis);
      if (isAsDemanded(facts)) {
        state.open(facts);
        dataless.endRow();
      }
    }
  }

  /** Else the session is refused, and not resumed again (spec TLS-R-p). */
  private boolean isAsDemanded(TlsInfo facts) {
    SSLException complaint = demands.complaint(facts);
    if (complaint == null) {
      return true;
    }
    try {
      engine().getSession().invalidate();
    } catch (RuntimeException e) {
      complaint.addSuppressed(e);
    }
    // The engine sees nothing wrong and has no alert to give. A close_notify would be a clean end.
    ending.failSilently(TlsWords.of(complaint, state.isHandshaken()), complaint);
    return false;
  }
}
