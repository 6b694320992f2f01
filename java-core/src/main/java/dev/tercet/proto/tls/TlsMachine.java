package dev.tercet.proto.tls;

import dev.tercet.BrokenResourceException;
import dev.tercet.ResourceException;
import dev.tercet.proto.tls.EngineCalls.Turn;
import dev.tercet.tls.ClientHello;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsTruncatedException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A TLS session over an {@link SSLEngine}, without any I/O. Bytes from the transport are
 * {@linkplain #feed fed}, a step is taken towards what the caller wants, and the step says what it
 * needs: bytes to be {@linkplain #takeOutput sent}, more bytes, a computation.
 *
 * <p><b>The problem.</b> The engine is a machine too, but its interface is a trap. Its status is
 * told in two places that may differ; it reports the end of the handshake several times, or only
 * when it is asked once more; it queues messages of its own and hands them out when data is to be
 * encrypted; it answers close_notify by itself or does not, depending on version and maker; and it
 * is possible to ask it the same thing for ever. All engines keep to the documentation, and no two
 * behave alike.
 *
 * <p><b>The strategy.</b>
 *
 * <ul>
 *   <li>One call of the engine is one <em>turn</em>: do what it wishes most. Every step is a loop
 *       of turns, with a rule for when to stop.
 *   <li>Bytes are counted before any status is looked at: a status of CLOSED, or of too little
 *       room, can come with bytes that count (spec TLS-R-b, TLS-R-c).
 *   <li>The next wish is told by the result <em>and</em> the getter: a wish to wrap in either
 *       counts, and for the rest the getter (spec TLS-R-a).
 *   <li>Before the transport is asked for more, the engine is asked once with what there is, even
 *       with nothing: some have more to tell, and one ends its handshake so (spec TLS-R-d).
 *   <li>Whether this side has sent close_notify, and whether the peer has, is kept in flags of our
 *       own. No engine's closing is driven by its status (spec TLS-R-j, TLS-R-l).
 *   <li>After an exception the engine is asked for its alert a few times, since some hand it out
 *       only after the second exception (spec TLS-R-i).
 *   <li>Turns without any progress are counted, and too many are a failure: an engine may be wrong,
 *       but it cannot keep a thread busy (spec TLS-R-m).
 * </ul>
 *
 * <p><b>Tickets.</b> A TLS 1.3 server is done when it has the client's Finished; the tickets that
 * it makes then are encrypted at once, which keeps the engine idle, but go out with the next bytes
 * that are sent for their own sake (spec TLS-B12, TLS-B13). How to know them: the engine is a
 * server's, has negotiated TLS 1.3, and has no handshake session any more. If the handshake goes on
 * all the same, the guess was wrong, and the bytes become urgent.
 *
 * <p><b>Not done here.</b> Renegotiation, starting a key update, early data, and telling the peer
 * by a record of 0 length that one is alive.
 *
 * <pre>
 * state       input                          next
 * choosing    choose                         new
 * choosing    refuse, no hello               failed
 * new         any step                       handshaking
 * handshaking FINISHED                       open
 * handshaking error, end of transport        failed
 * open        close_notify                   open, peer closed: read gives the end
 * open        closeOutbound                  open, closed: write is refused
 * open        end of transport               failed; where HTTP's way is allowed, read gives the end
 * any         output lost                    the same; what is written is dropped
 * open        error, alert                   failed
 * any         release                        released
 * </pre>
 *
 * Absorbing: failed, released. A failure is told by every later step, after the data that had been
 * decrypted before it (spec TLS-D10).
 *
 * <p>Not thread-safe; the caller holds the session lock. While a computation that {@link #takeTask}
 * gave out is running, every step says {@link TlsNeed#TURN} and the engine is not touched.
 */
public final class TlsMachine {
  private final TlsState state = new TlsState();
  private final TlsInbox inbox = new TlsInbox();
  private final TlsOutbox outbox;
  private final TlsEnding ending;
  private final EngineCalls calls;

  /** Reads the ClientHello, as long as an engine is to be chosen by it. */
  private @Nullable ClientHelloParser choosing;

  private boolean endWithoutCloseNotify;
  private boolean heardOfPeer;
  private boolean inputEnded;

  /**
   * Makes a machine; the engine is not touched yet.
   *
   * @param engine configured, in the mode of the role, not used before
   * @param demands what is asked of the session, besides what the engine was told
   * @param role which side it is
   * @param endWithoutCloseNotify whether an end of the transport without close_notify is an end, as
   *     HTTP allows it (spec TLS-G3), and not a failure
   * @param buffers where memory for output comes from
   */
  public TlsMachine(
      SSLEngine engine,
      PeerDemands demands,
      TlsRole role,
      boolean endWithoutCloseNotify,
      TlsBuffers buffers) {
    this(role, buffers);
    this.endWithoutCloseNotify = endWithoutCloseNotify;
    calls.use(engine, demands);
  }

  private TlsMachine(TlsRole role, TlsBuffers buffers) {
    boolean server = role == TlsRole.SERVER;
    KeysInUse keys = new KeysInUse(server);
    this.outbox = new TlsOutbox(buffers);
    this.ending = new TlsEnding(server, state, outbox, keys);
    this.calls = new EngineCalls(server, state, inbox, outbox, keys, ending);
  }

  /**
   * Makes the machine of a server that waits for the client's hello, and has its engine chosen then
   * (spec TLS-N2).
   *
   * @param buffers where memory for output comes from
   * @return a machine whose {@link #handshake} says {@link TlsNeed#CHOOSE} when the hello is there
   */
  public static TlsMachine choosing(TlsBuffers buffers) {
    TlsMachine machine = new TlsMachine(TlsRole.SERVER, buffers);
    machine.choosing = new ClientHelloParser();
    return machine;
  }

  /**
   * The hello by which an engine is to be chosen.
   *
   * @return null when it is not whole yet, or there is nothing to choose
   */
  public @Nullable ClientHello hello() {
    return choosing == null ? null : choosing.hello();
  }

  /**
   * Goes on with an engine, which gets everything that was fed, from the first byte.
   *
   * @param engine a server's, configured, not used before
   * @param demands as for the constructor
   * @param endWithoutCloseNotify as for the constructor
   * @param buffers where memory comes from now
   */
  public void choose(
      SSLEngine engine, PeerDemands demands, boolean endWithoutCloseNotify, TlsBuffers buffers) {
    this.choosing = null;
    this.endWithoutCloseNotify = endWithoutCloseNotify;
    outbox.use(buffers);
    calls.use(engine, demands);
  }

  /**
   * Fails, since there is no engine for this hello; the peer is told by an alert.
   *
   * @param alert what it is told
   * @param reason what this side is told
   * @param cause why
   */
  public void refuse(TlsAlert alert, String reason, Exception cause) {
    if (state.phase() == TlsPhase.CHOOSING) {
      ending.failWithoutEngine(alert, reason, cause);
    }
  }

  /**
   * Begins the handshake, once; later calls do nothing.
   *
   * @param nowMillis the wall-clock time, to tell a session that was resumed from a new one
   */
  public void begin(long nowMillis) {
    calls.begin(nowMillis);
  }

  /**
   * Steps towards the end of the handshake; after it, does nothing.
   *
   * @return {@link TlsNeed#NOTHING} when it has ended and what the peer waits for has been sent
   * @throws ResourceException when the session has failed
   */
  public TlsNeed handshake() throws ResourceException {
    while (true) {
      state.throwIfFailed();
      if (choosing != null) {
        TlsNeed need = choosing.hello() == null ? starved() : TlsNeed.CHOOSE;
        if (need != TlsNeed.NOTHING) {
          return need;
        }
        continue;
      }
      if (calls.isComputing()) {
        return TlsNeed.TURN;
      }
      if (state.isHandshaken() && !calls.hasOwnWish()) {
        return outbox.hasUrgent() ? TlsNeed.SEND : TlsNeed.NOTHING;
      }
      switch (calls.turn(null)) {
        case TASK -> {
          return outbox.hasUrgent() ? TlsNeed.SEND : TlsNeed.COMPUTE;
        }
        case STARVED -> {
          // An engine may say that it has finished just when it has nothing more to read.
          TlsNeed need = !state.isHandshaken() ? starved() : TlsNeed.NOTHING;
          if (need != TlsNeed.NOTHING) {
            return need;
          }
        }
        case OVER -> {
          if (!state.isHandshaken()) {
            ending.failByEnd("the peer closed the connection during the handshake");
          }
        }
        case PROGRESS -> {}
      }
    }
  }

  /**
   * Steps towards having some decrypted bytes.
   *
   * @param into with room; advanced by what there was
   * @return {@link TlsNeed#NOTHING} when {@code into} has been advanced, or, if it has not, when
   *     there is nothing more to come: the peer has sent close_notify, or need not say it
   * @throws ResourceException when the session has failed and all bytes from before have been read
   */
  public TlsNeed read(ByteBuffer into) throws ResourceException {
    int start = into.position();
    long before = calls.datalessRecords();
    inbox.takePlain(into);
    while (true) {
      boolean some = into.position() > start;
      if (state.isPeerClosed() || hasEnded()) {
        return TlsNeed.NOTHING;
      }
      if (some && (calls.isComputing() || state.hasFailed() || !hasRecordFor(into))) {
        return TlsNeed.NOTHING;
      }
      if (some && calls.datalessRecords() - before >= DatalessRecords.MAX) {
        // What a step costs is bounded, however little data there is between them.
        return TlsNeed.NOTHING;
      }
      state.throwIfFailed();
      if (calls.isComputing()) {
        return TlsNeed.TURN;
      }
      Turn turn = calls.turn(into);
      inbox.takePlain(into);
      if (into.position() > start) {
        if (turn != Turn.PROGRESS) {
          return TlsNeed.NOTHING;
        }
        continue;
      }
      switch (turn) {
        case TASK -> {
          return outbox.hasUrgent() ? TlsNeed.SEND : TlsNeed.COMPUTE;
        }
        case STARVED -> {
          TlsNeed need = starved();
          if (need != TlsNeed.NOTHING) {
            return need;
          }
        }
        case OVER -> {
          if (!state.isPeerClosed()) {
            ending.failByEnd("the engine has closed its receiving half by itself");
          }
        }
        case PROGRESS -> {}
      }
    }
  }

  /**
   * Encrypts data, in batches.
   *
   * @param data advanced by what was encrypted
   * @return {@link TlsNeed#SEND} when a batch is full, or ends with what the peer waits for, and
   *     when everything is encrypted {@link TlsNeed#NOTHING}: then what was written is out when
   *     {@link #mark} has been sent
   * @throws ResourceException when the session has failed, or the engine takes no more data since
   *     the peer has sent close_notify
   */
  public TlsNeed write(ByteBuffer data) throws ResourceException {
    state.throwIfFailed();
    while (data.hasRemaining()) {
      if (calls.isComputing()) {
        return TlsNeed.TURN;
      }
      if (state.isOutboundDone() || hasEnded()) {
        throw new BrokenResourceException("the peer has closed the TLS connection", null);
      }
      if (calls.wishesToCompute()) {
        if (calls.turn(null) == Turn.TASK) {
          return outbox.hasUrgent() ? TlsNeed.SEND : TlsNeed.COMPUTE;
        }
        continue;
      }
      boolean urgent = outbox.endsUrgently() && !calls.hasOwnWish();
      if (urgent || !outbox.hasRoom(calls.recordRoom())) {
        return TlsNeed.SEND;
      }
      calls.write(data);
      state.throwIfFailed();
    }
    return TlsNeed.NOTHING;
  }

  /**
   * Steps towards having sent close_notify: close_notify is put into the output, once, and nothing
   * can be written any more.
   *
   * @return {@link TlsNeed#TURN} while an engine computes, which says nothing then
   * @throws ResourceException when the session has failed
   */
  public TlsNeed closeOutbound() throws ResourceException {
    state.throwIfFailed();
    if (calls.isComputing()) {
      return TlsNeed.TURN;
    }
    if (!state.isClosed()) {
      ending.close();
    }
    return TlsNeed.NOTHING;
  }

  /**
   * Whether {@link #closeOutbound} has closed the receiving half too, as some engines do: then what
   * the peer says from now on cannot be read.
   *
   * @return true when the engine cannot have one half open
   */
  public boolean closesBothHalves() {
    return state.isClosed() && calls.isDeaf();
  }

  /**
   * Takes in bytes of the transport.
   *
   * @param bytes owned by the machine from now on, which decrypts in place; not empty
   */
  public void feed(byte[] bytes) {
    if (state.phase() == TlsPhase.RELEASED) {
      return;
    }
    if (!heardOfPeer && !state.hasFailed()) {
      String instead = TlsWords.plaintextUntrusted(ByteBuffer.wrap(bytes));
      if (instead != null) {
        if (TlsWords.isRecordUntrusted(ByteBuffer.wrap(bytes))) {
          ending.failWithoutEngine(TlsAlert.UNEXPECTED_MESSAGE, instead, new SSLException(instead));
        } else {
          ending.failSilently(instead, new SSLException(instead));
        }
        return;
      }
    }
    heardOfPeer = true;
    if (choosing != null && !state.hasFailed()) {
      try {
        choosing.feedUntrusted(ByteBuffer.wrap(bytes));
      } catch (MalformedHelloException e) {
        ending.failWithoutEngine(e.alert(), e.reason(), e);
      }
    }
    inbox.feed(bytes);
  }

  /** Takes in the end of the transport. */
  public void feedEof() {
    inputEnded = true;
  }

  /**
   * Bytes that came behind the peer's close_notify: not TLS any more, and not decrypted (spec
   * TLS-I2).
   *
   * @return taken out of the machine; empty when there are none
   */
  public byte[] takeTrailing() {
    return state.isPeerClosed() ? inbox.takeAll() : new byte[0];
  }

  /**
   * The computation that a step asked for with {@link TlsNeed#COMPUTE}. To be run without the
   * session lock; {@link #taskDone} must follow, whatever it throws.
   *
   * @return null when somebody else has taken it
   */
  public @Nullable Runnable takeTask() {
    return calls.takeTask();
  }

  /**
   * The computation is over.
   *
   * @param error what it threw, and then the session has failed; null when it returned: what went
   *     wrong in it, the engine tells at its next turn
   */
  public void taskDone(@Nullable Throwable error) {
    calls.taskDone(error);
  }

  /**
   * Takes the output out.
   *
   * @return all that is to be sent, in order, to be given to {@link #outputSent}; null for nothing
   */
  public @Nullable ByteBuffer takeOutput() {
    return outbox.take();
  }

  /**
   * A batch of output has been sent.
   *
   * @param batch from {@link #takeOutput}; not to be used any more
   */
  public void outputSent(ByteBuffer batch) {
    outbox.sent(batch);
  }

  /**
   * Output could not be sent. All later output is dropped, and no step asks for it to be sent; what
   * the peer has sent can still be read.
   */
  public void outputLost() {
    outbox.lose();
  }

  /**
   * Whether a send has failed.
   *
   * @return true after {@link #outputLost}
   */
  public boolean hasLostOutput() {
    return outbox.isLost();
  }

  /**
   * How far the output goes.
   *
   * @return a position, for {@link #isSent}
   */
  public long mark() {
    return outbox.mark();
  }

  /**
   * How far the output goes that the peer is waiting for.
   *
   * @return a position, for {@link #isSent}
   */
  public long urgentMark() {
    return outbox.urgentMark();
  }

  /**
   * Whether the output has been sent so far.
   *
   * @param mark a position
   * @return true when everything before it is out
   */
  public boolean isSent(long mark) {
    return outbox.isSent(mark);
  }

  /**
   * Whether the session has failed, in both directions.
   *
   * @return true when no step can be taken any more, but for reading what was decrypted before
   */
  public boolean hasFailed() {
    return state.hasFailed();
  }

  /**
   * Whether something has arrived that nobody has read, decrypted or not.
   *
   * @return true when the next {@link #read} has something to look at
   */
  public boolean hasInput() {
    return !inbox.isEmpty();
  }

  /**
   * Whether there is data that was decrypted and not read.
   *
   * @return true when the next {@link #read} returns some
   */
  public boolean hasPlaintext() {
    return inbox.hasPlain();
  }

  /**
   * Whether there are last words for a peer of a session that has failed: an alert.
   *
   * @return true when output is left
   */
  public boolean hasAlert() {
    return state.hasFailed() && !outbox.isEmpty();
  }

  /**
   * The facts of the session.
   *
   * @return null before the end of the handshake
   */
  public @Nullable TlsInfo info() {
    return state.info();
  }

  /**
   * Whether the peer has sent close_notify.
   *
   * @return true when no data will come any more
   */
  public boolean isPeerClosed() {
    return state.isPeerClosed();
  }

  /** Gives back what memory it can do without; for the time between two operations. */
  public void trim() {
    outbox.trim();
  }

  /**
   * Frees everything and closes both halves of the engine, for engines that hold memory of their
   * own; at the end of the computation that is running, if one is. The machine must not be used any
   * more.
   *
   * @return true when the engine is closed now, false when {@link #taskDone} will do it
   */
  public boolean release() {
    return calls.release();
  }

  /** What to do when the engine has to hear from the peer. */
  private TlsNeed starved() throws ResourceException {
    if (!state.isHandshaken()) {
      // The peer waits too: what was held back as a ticket cannot have been one.
      outbox.makeUrgent();
    }
    if (outbox.hasUrgent()) {
      return TlsNeed.SEND;
    }
    if (!inputEnded) {
      return TlsNeed.RECEIVE;
    }
    TlsTruncatedException truncated = new TlsTruncatedException(!state.isHandshaken());
    ending.failSilently(truncated.reason(), truncated);
    return TlsNeed.NOTHING;
  }

  /** Whether another record can be decrypted into the caller's buffer without waiting. */
  private boolean hasRecordFor(ByteBuffer into) {
    return inbox.hasWholeRecord() && inbox.fits(into);
  }

  /** Whether the transport has ended without close_notify, and that is allowed. */
  private boolean hasEnded() {
    BrokenResourceException e = state.failure();
    return endWithoutCloseNotify
        && state.isHandshaken()
        && e != null
        && e.getCause() instanceof TlsTruncatedException;
  }
}
