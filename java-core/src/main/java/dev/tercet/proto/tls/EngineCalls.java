package dev.tercet.proto.tls;

import dev.tercet.BrokenResourceException;
import dev.tercet.internal.text.PeerErrors;
import dev.tercet.proto.ByteQueue;
import dev.tercet.tls.TlsAlertException;
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
 * TlsMachine} for the whole story, and for the rules that are named here by their ids.
 *
 * <p>Not thread-safe; the caller holds the session lock.
 */
final class EngineCalls {
  /** The largest record that any engine takes (twice the largest of the standard, and a bit). */
  static final int MAX_RECORD_BYTES = 33_093 + 5;

  /** How many turns in a row may achieve nothing. Honest engines have been seen to need two. */
  private static final int MAX_IDLE_TURNS = 4;

  /** More records than any engine needs for its alert or close_notify, with a flight before it. */
  private static final int MAX_LAST_WORDS = 8;

  /**
   * So many records in a row may bring no data: key updates, tickets, warnings, empty records. Each
   * costs a decryption and some a new key, and a peer can send them by the thousand (spec TLS-L9).
   * BoringSSL has the same limit.
   */
  static final int MAX_BARREN_RECORDS = 32;

  /**
   * So much data that is sent allows for one more: who sends for hours and receives nothing may
   * change its keys now and then, and the peer's answers are records without data.
   */
  private static final int FORGIVING_BYTES = 64 * 1024;

  private static final String TLS_1_3 = "TLSv1.3";

  /** Null until one is chosen. */
  private @Nullable SSLEngine engine;

  private final boolean server;
  private final TlsOutbox outbox;

  /** Some engines want an array of at least one buffer, to wrap nothing (spec TLS-R-g). */
  private final ByteBuffer[] nothing = {ByteBuffer.allocate(0)};

  private final ByteBuffer[] something = {ByteBuffer.allocate(0)};

  /** Ciphertext of the peer's. */
  private final ByteQueue input = new ByteQueue();

  /** What was decrypted when the caller's buffer had no room. */
  private final ByteQueue plain = new ByteQueue();

  /** What the engine wants next. */
  private HandshakeStatus wish = HandshakeStatus.NOT_HANDSHAKING;

  /** It wishes to wrap and has nothing to say: JDK 11 to 17 do so after close_notify. */
  private boolean mute;

  /**
   * The result wishes to wrap and the getter does not. After the handshake that is an alert, and
   * some engines give no other sign that they have failed (spec TLS-R-a).
   */
  private boolean disputed;

  private long startedMillis;

  /** What the handshake must have brought about. */
  private PeerDemands demands = PeerDemands.NONE;

  private TlsPhase phase = TlsPhase.CHOOSING;

  /** Null until the handshake is over. */
  private @Nullable TlsInfo info;

  private boolean tls13;

  /** A computation that nobody has taken yet. */
  private @Nullable Runnable task;

  /** The engine must not be touched. */
  private boolean taskRunning;

  /** We have sent close_notify. */
  private boolean closed;

  /** The engine takes no data any more: closed, failed, or it has answered close_notify. */
  private boolean outboundDone;

  /** The peer has sent close_notify. */
  private boolean peerClosed;

  /** The caller's buffer was refused as too small, whatever the header of the record says. */
  private boolean viaScratch;

  private int idleTurns;

  /** What this side has sent, and what the engine has taken, until the handshake is over. */
  private final RecordScan said = new RecordScan();

  private final RecordScan heard = new RecordScan();

  /** In a row. */
  private int barrenRecords;

  /** Ever. */
  private long allBarrenRecords;

  /** Data that was sent and has not forgiven anything yet. */
  private int forgivingBytes;

  /** The end of the session; thrown as a copy, by each step. */
  private @Nullable BrokenResourceException failure;

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

  EngineCalls(boolean server, TlsOutbox outbox) {
    this.server = server;
    this.outbox = outbox;
  }

  /** Before the first turn. */
  void use(SSLEngine engine, PeerDemands demands) {
    this.engine = engine;
    this.demands = demands;
    if (phase == TlsPhase.CHOOSING) {
      phase = TlsPhase.NEW;
    }
  }

  // ------------------------------------------------------------------------------ the state

  TlsPhase phase() {
    return phase;
  }

  /** Whether there was a handshake that came to its end, whatever has happened since. */
  boolean isHandshaken() {
    return info != null;
  }

  @Nullable TlsInfo info() {
    return info;
  }

  @Nullable BrokenResourceException failure() {
    return failure;
  }

  void throwIfFailed() throws BrokenResourceException {
    BrokenResourceException e = failure;
    if (e != null) {
      throw new BrokenResourceException(e.reason(), e.getCause());
    }
  }

  /** Whether the engine must not be touched. */
  boolean isComputing() {
    return taskRunning;
  }

  /** Whether this side has sent close_notify. */
  boolean isClosed() {
    return closed;
  }

  boolean isPeerClosed() {
    return peerClosed;
  }

  /** Whether the engine takes no data any more. */
  boolean isOutboundDone() {
    return outboundDone;
  }

  /** Takes in ciphertext, owned by this from now on. */
  void feed(byte[] bytes) {
    input.give(bytes);
  }

  /** The ciphertext that is left. */
  byte[] takeInput() {
    return input.takeAll();
  }

  /** What was decrypted before, as far as there is room. */
  void takePlain(ByteBuffer into) {
    plain.take(into);
  }

  boolean hasPlain() {
    return !plain.isEmpty();
  }

  /** Whether something has arrived that nobody has taken, decrypted or not. */
  boolean hasInput() {
    return hasPlain() || !input.isEmpty();
  }

  /** The computation that the last turn has led to; null when somebody has taken it. */
  @Nullable Runnable takeTask() {
    Runnable taken = task;
    task = null;
    taskRunning |= taken != null;
    return taken;
  }

  /** Ends it all. Returns whether the engine is closed now, and not by {@link #taskDone}. */
  boolean release() {
    if (phase != TlsPhase.RELEASED) {
      phase = TlsPhase.RELEASED;
      input.wipe();
      plain.wipe();
      task = null;
      if (taskRunning) {
        outbox.discard();
      } else {
        closeEngine();
      }
    }
    return !taskRunning;
  }

  private void failBy(BrokenResourceException e) {
    failure = e;
    if (phase != TlsPhase.RELEASED) {
      phase = TlsPhase.FAILED;
    }
  }

  // ------------------------------------------------------------------------------ the turns

  private SSLEngine engine() {
    if (engine == null) {
      throw new IllegalStateException("no engine has been chosen");
    }
    return engine;
  }

  /** Begins, once. */
  void begin(long nowMillis) {
    if (phase != TlsPhase.NEW) {
      return;
    }
    phase = TlsPhase.HANDSHAKING;
    startedMillis = nowMillis;
    try {
      engine().beginHandshake();
      wish = engine().getHandshakeStatus();
    } catch (SSLException | RuntimeException e) {
      fail(e);
    }
  }

  /** Whether the engine has something to do that needs nothing from the peer. */
  boolean hasOwnWish() {
    return wishesToWrap() || wishesToCompute();
  }

  boolean wishesToCompute() {
    return wish == HandshakeStatus.NEED_TASK;
  }

  private boolean wishesToWrap() {
    return wish == HandshakeStatus.NEED_WRAP && !mute;
  }

  /** The room that every engine is content with. */
  int recordRoom() {
    return engine().getSession().getPacketBufferSize();
  }

  /**
   * Does what the engine wishes most.
   *
   * @param into where decrypted bytes may go; null for none
   */
  Turn turn(@Nullable ByteBuffer into) {
    if (wishesToCompute()) {
      return nextTask();
    }
    if (wishesToWrap()) {
      boolean wrote = wrap(nothing, recordRoom());
      mute = !wrote && wish == HandshakeStatus.NEED_WRAP;
      return wrote || failure != null ? Turn.PROGRESS : idle();
    }
    return unwrap(into);
  }

  private Turn nextTask() {
    try {
      if (task == null) {
        task = engine().getDelegatedTask();
      }
      if (task != null) {
        idleTurns = 0;
        return Turn.TASK;
      }
      wish = engine().getHandshakeStatus();
      return idle();
    } catch (RuntimeException e) {
      fail(e);
      return Turn.PROGRESS;
    }
  }

  /** Encrypts one record of data, or what the engine has to say first. Whether there was any. */
  boolean write(ByteBuffer data) {
    something[0] = data;
    int before = data.remaining();
    boolean wrote = wrap(something, recordRoom()) || data.remaining() < before;
    something[0] = nothing[0];
    forgive(before - data.remaining());
    if (!wrote) {
      idle();
    }
    return wrote;
  }

  /** The close_notify, or what is left of it to say. */
  void close() {
    closed = true;
    closeOutbound();
    outbox.makeUrgent();
  }

  private boolean closeOutbound() {
    try {
      engine().closeOutbound();
    } catch (RuntimeException e) {
      // It is closed all the same, as far as this side is concerned.
    }
    return lastWords();
  }

  /** Whether nothing can be received, although the peer has not sent close_notify. */
  boolean isDeaf() {
    return !peerClosed && engine().isInboundDone();
  }

  /**
   * A computation is over.
   *
   * @param error what it threw; most engines keep that to themselves and throw it at their next
   *     turn
   */
  void taskDone(@Nullable Throwable error) {
    taskRunning = false;
    if (phase == TlsPhase.RELEASED) {
      closeEngine();
      return;
    }
    if (error != null) {
      fail(error);
      return;
    }
    try {
      wish = engine().getHandshakeStatus();
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  /** Fails, since the engine has; it knows what to tell the peer, or else this side does. */
  void fail(Throwable e) {
    if (failure != null) {
      return;
    }
    SSLException cause =
        PeerErrors.harmless(
            e instanceof SSLException known ? known : new SSLException("the TLS engine failed", e));
    String alert = TlsWords.peerAlert(cause);
    failBy(
        new BrokenResourceException(
            TlsWords.of(cause, info != null),
            alert == null ? cause : new TlsAlertException(alert, cause)));
    if (!lastWords() && alert == null) {
      tell(TlsAlert.of(e));
    }
    outbox.makeUrgent();
  }

  /** Fails for a reason of this side's, which the engine does not know. */
  void fail(String reason, TlsAlert alert) {
    if (failFor(reason)) {
      if (!lastWords()) {
        tell(alert);
      }
      outbox.makeUrgent();
    }
  }

  /** Returns false when it has failed before. */
  private boolean failFor(String reason) {
    if (failure != null) {
      return false;
    }
    SSLException cause = new SSLException(reason);
    failBy(new BrokenResourceException(TlsWords.of(cause, info != null), cause));
    return true;
  }

  /** Fails after the handshake, over what an engine would have put up with. */
  private void refuse(String reason) {
    if (info != null) {
      // No engine gives an alert on request, but each can send close_notify.
      close();
    }
    fail(reason, TlsAlert.UNEXPECTED_MESSAGE);
  }

  /** Fails since the peer has ended the conversation; there is nothing to tell it. */
  void failByEnd(String reason) {
    if (failFor(reason)) {
      boolean unused = lastWords();
      outbox.makeUrgent();
    }
  }

  /**
   * Tells the peer why it failed, when the engine has no alert to give: in plaintext, as long as
   * there are no keys (spec TLS-B19). With keys, a client can still have its engine close, which
   * the server takes for the end of a handshake; behind a server's last word it would be a clean
   * end.
   */
  private void tell(TlsAlert alert) {
    if (info != null || closed) {
      return;
    }
    if (!hasKeys()) {
      put(alert);
    } else if (!server) {
      boolean unused = closeOutbound();
    }
  }

  private boolean hasKeys() {
    boolean retried = said.hasRetry() || heard.hasRetry();
    return said.hasData()
        || heard.hasData()
        || (!retried && (said.hasChangedCipher() || (!server && heard.hasChangedCipher())));
  }

  private void put(TlsAlert alert) {
    byte[] record = alert.record();
    outbox.space(record.length).put(record);
    outbox.filled(record.length);
  }

  /** Fails without a word to the peer, who would not understand it or is gone. */
  void failSilently(String reason, Exception cause) {
    failBy(new BrokenResourceException(reason, cause));
    outbox.discard();
  }

  /** Whether another record can be decrypted into the caller's buffer without waiting. */
  boolean hasWholeRecord(ByteBuffer into) {
    int bytes = recordBytes();
    return bytes <= input.size() && bytes <= into.remaining();
  }

  /** Fails before there is an engine that could tell the peer why. */
  void refuse(TlsAlert alert, String reason, Exception cause) {
    failBy(new BrokenResourceException(reason, cause));
    put(alert);
  }

  /** Closes both halves, for engines that hold memory of their own until then. */
  private void closeEngine() {
    if (engine == null) {
      outbox.discard();
      return;
    }
    boolean unused = closeOutbound();
    outbox.discard();
    try {
      engine().closeInbound();
    } catch (SSLException | RuntimeException e) {
      // Engines complain that the peer has not sent close_notify. That is known, and told
      // elsewhere.
    }
  }

  /** Encrypts one record. Returns whether there was any output. */
  private boolean wrap(ByteBuffer[] source, int room) {
    boolean lazy = isLazy();
    boolean wished = wish == HandshakeStatus.NEED_WRAP;
    try {
      ByteBuffer out = outbox.space(room);
      int start = out.position();
      SSLEngineResult result = engine().wrap(source, out);
      int produced = out.position() - start;
      if (produced > 0) {
        idleTurns = 0;
        saw(said, out, start);
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
      if (result.bytesConsumed() > 0) {
        idleTurns = 0;
      }
      if (result.getStatus() == Status.CLOSED) {
        outboundDone = true;
      }
      after(result, produced > 0);
      if (result.getStatus() == Status.BUFFER_OVERFLOW && produced == 0) {
        int larger = Math.max(recordRoom(), room + room / 2);
        if (larger > 4 * MAX_RECORD_BYTES) {
          fail(
              "the engine finds no room for a record in " + room + " bytes",
              TlsAlert.INTERNAL_ERROR);
          return false;
        }
        return wrap(source, larger);
      }
      return produced > 0;
    } catch (SSLException | RuntimeException e) {
      fail(e);
      return false;
    }
  }

  /** Decrypts one record, or asks whether there is something to tell without one. */
  private Turn unwrap(@Nullable ByteBuffer into) {
    if (peerClosed) {
      return Turn.OVER;
    }
    if (isForbiddenHandshake()) {
      // Before the engine sees it and agrees; so it is still able to send close_notify.
      refuse("the peer asked for a renegotiation, which is not allowed");
      return Turn.PROGRESS;
    }
    TlsBuffers buffers = outbox.buffers();
    ByteBuffer scratch = null;
    try {
      ByteBuffer source = input.view();
      ByteBuffer target;
      if (into == null || viaScratch || !plain.isEmpty() || into.remaining() < recordBytes()) {
        scratch = buffers.take(engine().getSession().getApplicationBufferSize() << idleTurns);
        target = scratch;
      } else {
        target = into;
      }
      viaScratch = false;
      int sourceStart = source.position();
      int targetStart = target.position();
      boolean barren = isBarren();
      SSLEngineResult result = engine().unwrap(source, target);
      int consumed = source.position() - sourceStart;
      int produced = target.position() - targetStart;
      saw(heard, source, sourceStart);
      input.drop(consumed);
      if (scratch != null) {
        plain.append(scratch.flip());
      }
      boolean progress = consumed > 0 || produced > 0;
      if (progress) {
        idleTurns = 0;
        mute = false;
      }
      HandshakeStatus before = wish;
      after(result, progress);
      if (produced > 0) {
        barrenRecords = 0;
      } else if (consumed > 0 && barren && !countBarren()) {
        return Turn.PROGRESS;
      }
      return switch (result.getStatus()) {
        // Once this side has sent close_notify, some say CLOSED of their sending half, and read on.
        case CLOSED -> engine().isInboundDone() ? closedByPeer(consumed) : needMore(progress);
        case BUFFER_UNDERFLOW -> needMore(progress);
        case BUFFER_OVERFLOW -> progress ? Turn.PROGRESS : overflow(scratch == null);
        case OK ->
            progress || wish != before ? Turn.PROGRESS : input.isEmpty() ? needMore(false) : idle();
      };
    } catch (SSLException | RuntimeException e) {
      fail(e);
      return Turn.PROGRESS;
    } finally {
      if (scratch != null) {
        Plaintext.wipe(scratch);
        buffers.giveBack(scratch);
      }
    }
  }

  private Turn closedByPeer(int consumed) {
    if (consumed > 0) {
      peerClosed = true;
      if (info == null) {
        failByEnd("the peer closed the connection during the handshake");
      }
    }
    return Turn.OVER;
  }

  private Turn needMore(boolean progress) {
    // An engine may say that it has finished just when it has nothing more to read, and the session
    // may be refused then: nobody waits for a peer that is refused.
    if (progress || failure != null) {
      return Turn.PROGRESS;
    }
    if (hasOwnWish()) {
      return idle();
    }
    if (input.size() >= MAX_RECORD_BYTES) {
      fail(
          "the peer's record is longer than " + MAX_RECORD_BYTES + " bytes",
          TlsAlert.RECORD_OVERFLOW);
      return Turn.PROGRESS;
    }
    idleTurns = 0;
    return Turn.STARVED;
  }

  /** Some say that there is too little room before they say that the record is not whole. */
  private Turn overflow(boolean direct) {
    viaScratch = direct;
    boolean whole = recordBytes() <= input.size();
    return direct || whole || input.size() >= MAX_RECORD_BYTES ? idle() : needMore(false);
  }

  private Turn idle() {
    if (++idleTurns > MAX_IDLE_TURNS) {
      fail("the TLS engine makes no progress in state " + wish, TlsAlert.INTERNAL_ERROR);
    }
    return Turn.PROGRESS;
  }

  private void after(SSLEngineResult result, boolean progress) {
    HandshakeStatus told = result.getHandshakeStatus();
    HandshakeStatus now = engine().getHandshakeStatus();
    wish = told == HandshakeStatus.NEED_WRAP && progress ? told : now;
    disputed = wish == HandshakeStatus.NEED_WRAP && now == HandshakeStatus.NOT_HANDSHAKING;
    boolean over =
        told == HandshakeStatus.FINISHED
            || (now == HandshakeStatus.NOT_HANDSHAKING
                && result.getStatus() != Status.CLOSED
                && !engine().getSession().getCipherSuite().contains("_NULL_WITH_NULL_"));
    if (info == null && over) {
      TlsInfo facts = TlsFacts.of(engine(), startedMillis);
      if (isAsDemanded(facts)) {
        info = facts;
        if (phase == TlsPhase.HANDSHAKING) {
          phase = TlsPhase.OPEN;
        }
        tls13 = TLS_1_3.equals(facts.version());
        barrenRecords = 0;
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
    failSilently(TlsWords.of(complaint, info != null), complaint);
    return false;
  }

  /**
   * Whether the first record brings nothing, if it brings no data. In the handshake its messages
   * are what is wanted; the rest, and what is empty, is not.
   */
  private boolean isBarren() {
    if (info != null || recordBytes() == RecordHeader.BYTES) {
      return true;
    }
    byte type = input.isEmpty() ? RecordHeader.HANDSHAKE : input.byteAt(0);
    return type != RecordHeader.HANDSHAKE && type != RecordHeader.APPLICATION_DATA;
  }

  /** Returns whether there may be one more. */
  private boolean countBarren() {
    allBarrenRecords++;
    if (++barrenRecords <= MAX_BARREN_RECORDS) {
      return true;
    }
    refuse(
        "the peer sent more than "
            + MAX_BARREN_RECORDS
            + " records in a row without data: key updates, tickets, warnings or empty ones");
    return false;
  }

  /** How many records there were that brought no data. */
  long barrenRecords() {
    return allBarrenRecords;
  }

  private void forgive(int sentBytes) {
    forgivingBytes += sentBytes;
    barrenRecords = Math.max(0, barrenRecords - forgivingBytes / FORGIVING_BYTES);
    forgivingBytes %= FORGIVING_BYTES;
  }

  private void saw(RecordScan direction, ByteBuffer buffer, int from) {
    if (info == null) {
      direction.see(buffer.duplicate().limit(buffer.position()).position(from));
    }
  }

  /** Whether what the engine wants to say now can wait for other output. */
  private boolean isLazy() {
    if (failure != null || closed) {
      return false;
    }
    if (info != null) {
      return (tls13 && !disputed) || peerClosed;
    }
    return server && hasNoHandshakeSession() && TLS_1_3.equals(engine().getSession().getProtocol());
  }

  private boolean hasNoHandshakeSession() {
    try {
      return engine().getHandshakeSession() == null;
    } catch (UnsupportedOperationException e) {
      return false;
    }
  }

  /**
   * In TLS 1.2 the type of a record is not encrypted. Behind the handshake, one of the handshake
   * can only begin another (spec TLS-K6).
   */
  private boolean isForbiddenHandshake() {
    return info != null && !tls13 && !input.isEmpty() && input.byteAt(0) == RecordHeader.HANDSHAKE;
  }

  /** The length of the first record; what fits into it fits into a buffer of that size. */
  private int recordBytes() {
    if (input.size() < RecordHeader.BYTES) {
      return Integer.MAX_VALUE;
    }
    return RecordHeader.BYTES + RecordHeader.length(input.byteAt(3), input.byteAt(4));
  }

  /**
   * Collects the alert or close_notify; some engines throw once more before they hand it out.
   *
   * @return whether there was one
   */
  private boolean lastWords() {
    int collected = 0;
    boolean alert = false;
    for (int i = 0; i < MAX_LAST_WORDS && !outboundDone; i++) {
      try {
        ByteBuffer out = outbox.space(recordRoom());
        int start = out.position();
        SSLEngineResult result = engine().wrap(nothing, out);
        int produced = out.position() - start;
        alert |= produced > 0 && out.get(start) == RecordHeader.ALERT;
        collected += produced;
        outbox.filled(produced);
        outboundDone |= result.getStatus() == Status.CLOSED;
        if (produced == 0 && result.getStatus() != Status.OK) {
          break;
        }
      } catch (SSLException | RuntimeException e) {
        // The failure is known; this is about what to tell the peer.
      }
    }
    if (info == null && !alert && !outboundDone) {
      // An engine that does not know that it has failed: what it has is more of its handshake.
      outbox.unfill(collected);
      return false;
    }
    return collected > 0;
  }
}
