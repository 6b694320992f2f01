package dev.tercet.proto.dtls;

import dev.tercet.proto.tls.TlsAlert;
import dev.tercet.tls.DtlsChannelStatistics;
import dev.tercet.tls.DtlsInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One association: a handshake over a network that loses, doubles, delays and forges, and then
 * sealed messages. It stands between the datagrams and a {@link HandshakeEngine}.
 *
 * <p><b>The problem.</b> Handshake engines come with a flight layer of their own, and each is wrong
 * in its own way under loss: the JDK's mixes up fragments that overtake each other and has no
 * replay window; Bouncy Castle's never shortens its datagrams, drops a whole datagram for its first
 * record, waits on the wall clock, and deadlocks when one message before ChangeCipherSpec is lost.
 *
 * <p><b>The strategy.</b> The engine never sees the network. Inwards, datagrams are split ({@link
 * DtlsRecord}), and {@link EngineFeed} makes of them one record after the other, each once and in
 * order. Outwards, all that the engine says between two inputs ({@link EngineFlight}) is one {@link
 * Flight}. It goes out, and goes out again when the {@link RetransmitTimer} says so, in smaller
 * datagrams if need be ({@link HandshakeMtu}). The engine's own timers are set to never.
 *
 * <p>What an engine is fed in one go and answers in one go is also how we know who sends the last
 * flight: the side whose engine ends the handshake in the same step that it says something. It
 * keeps that flight and repeats it, rate-limited ({@link RepeatLimit}), whenever the peer shows
 * that it is still in the handshake. The first message that opens under the new keys shows that it
 * is not, and ends that.
 *
 * <p>Alerts in clear text can be written by anybody, so they do not end anything; the last one is
 * kept and named when the handshake runs into its time limit (spec DTLS-I5). Our own refusal ends
 * at once, with its cause, and one alert that is not repeated (spec DTLS-D10, DTLS-D11).
 *
 * <p><b>Sealed records.</b> Replay window, then keys, then window again (spec DTLS-L3). They are
 * opened when they arrive, and what was sent is kept: junk takes no room (spec DTLS-G7). When there
 * are as many as are kept, the newest is dropped (spec DTLS-G5).
 *
 * <pre>
 * input             HANDSHAKING                 ESTABLISHED              PEER_CLOSED     FAILED, CLOSED
 * clear handshake   reassembly, engine          repeat last flight       ignored         ignored
 * clear alert       counted, kept as a hint     counted                  counted         ignored
 * sealed handshake  kept, then engine           repeat last flight       ignored         ignored
 * sealed data       kept until established      message                  ignored         ignored
 * sealed alert      kept until established      PEER_CLOSED or FAILED    ignored         ignored
 * time              repeat; FAILED at limit     -                        -               -
 * engine: done      ESTABLISHED                 -                        -               -
 * engine: failed    FAILED                      -                        -               -
 * close             CLOSED                      CLOSED, close_notify     CLOSED          CLOSED
 * </pre>
 *
 * Absorbing: FAILED, CLOSED. Messages that were received before PEER_CLOSED or FAILED can still be
 * taken.
 *
 * <p>Not thread-safe; the caller holds the session's lock.
 */
public final class DtlsSession {
  private final HandshakeEngine engine;
  private final SessionSettings settings;
  private final EngineFeed feed;
  private final RetransmitTimer timer;
  private final HandshakeMtu mtu;
  private final ReplayWindow window = new ReplayWindow();
  private final RepeatLimit repeatLimit;
  private final RepeatLimit flightLimit;

  private State state = State.HANDSHAKING;
  private long handshakeDeadlineNanos = RetransmitTimer.NEVER;
  private @Nullable Throwable failure;
  private @Nullable RecordProtection protection;

  /** What the peer has not answered yet; after the handshake, what it may not have got. */
  private Flight flight = new Flight();

  /** The number of the record that the flight began with, when it went out first. */
  private long flightNumber;

  private long nextNumber;
  private final Queue<byte[]> datagrams = new ArrayDeque<>();
  private final Queue<byte[]> messages = new ArrayDeque<>();

  private boolean isEngineAtWork;
  private final Queue<DtlsRecord> keptData = new ArrayDeque<>();
  private int alertHint = -1;

  private long heard;
  private long malformed;
  private long clearAlerts;
  private long replayed;
  private long forged;
  private long overflowed;
  private long retransmits;
  private long finalRepeats;
  private long mtuFallbacks;

  /** Where a session is. */
  public enum State {
    /** There are no keys yet. */
    HANDSHAKING,
    /** Messages go both ways. */
    ESTABLISHED,
    /** The peer has sent close_notify. */
    PEER_CLOSED,
    /** It is over, and {@link DtlsSession#failure} says why. */
    FAILED,
    /** We have ended it. */
    CLOSED
  }

  private DtlsSession(HandshakeEngine engine, SessionSettings settings, EngineFeed feed) {
    this.engine = engine;
    this.settings = settings;
    this.feed = feed;
    this.timer = new RetransmitTimer(settings.initialTimeoutNanos());
    this.mtu = new HandshakeMtu(settings.mtuBytes(), settings.minimumMtuBytes());
    this.repeatLimit = new RepeatLimit(settings.initialTimeoutNanos() / 2);
    this.flightLimit = new RepeatLimit(settings.initialTimeoutNanos() / 2);
  }

  /**
   * Makes the session of a client. Nothing happens before {@link #start}.
   *
   * @param engine for the client's side, not started
   * @param settings times and sizes
   */
  public static DtlsSession client(HandshakeEngine engine, SessionSettings settings) {
    return new DtlsSession(engine, settings, EngineFeed.ofClient());
  }

  /**
   * Makes the session of a server for a peer that has proven its address. Nothing happens before
   * {@link #start}.
   *
   * @param engine for the server's side, not started; it knows the hello
   * @param settings times and sizes
   */
  public static DtlsSession server(
      HandshakeEngine engine, SessionSettings settings, ClientHello hello) {
    DtlsSession session = new DtlsSession(engine, settings, EngineFeed.ofServer(hello));
    // The challenge had the number of the first hello; this one is above it (spec DTLS-C10).
    session.nextNumber = hello.recordNumber();
    return session;
  }

  /** Where it is. */
  public State state() {
    return state;
  }

  /**
   * Why it has failed.
   *
   * @return null unless {@link State#FAILED}
   */
  public @Nullable Throwable failure() {
    return failure;
  }

  /**
   * What was agreed on in the handshake, and with whom.
   *
   * @return null while there are no keys
   */
  public @Nullable DtlsInfo info() {
    return protection == null ? null : protection.info();
  }

  /**
   * What has happened so far.
   *
   * @return a copy
   */
  public DtlsChannelStatistics statistics() {
    return new DtlsChannelStatistics(
        overflowed,
        malformed + feed.malformed(),
        feed.refused(),
        clearAlerts,
        replayed,
        forged + feed.forged(),
        retransmits,
        finalRepeats,
        mtuFallbacks);
  }

  /** How many records of the peer have opened, and how many of its handshake were new. */
  long heard() {
    return heard;
  }

  /** Begins the handshake. A client's first flight goes out, a server's answer to the hello. */
  public void start(long nowNanos) {
    if (settings.handshakeTimeoutNanos() != RetransmitTimer.NEVER) {
      handshakeDeadlineNanos = nowNanos + settings.handshakeTimeoutNanos();
    }
    isEngineAtWork = true;
    engine.start();
    runEngine(nowNanos);
  }

  /**
   * Takes a datagram from the peer's address.
   *
   * @param datagram anything; its position stays
   */
  public void receive(ByteBuffer datagram, long nowNanos) {
    receive(DtlsRecord.splitUntrusted(datagram), nowNanos);
  }

  /** Takes what was in a datagram from the peer's address. */
  void receive(DtlsRecord.Split split, long nowNanos) {
    if (isOver()) {
      return;
    }
    if (split.isMalformed()) {
      malformed++;
    }
    for (DtlsRecord record : split.records()) {
      receive(record, nowNanos);
    }
    runEngine(nowNanos);
  }

  /**
   * Takes a sealed record that may be somebody else's: of a handshake that has begun at the same
   * address.
   *
   * @return false when these keys do not open it, and then nothing has happened and nothing was
   *     counted
   */
  boolean receiveIfOurs(DtlsRecord record) {
    if (state != State.ESTABLISHED || protection == null || !window.isFresh(record.sequence())) {
      return false;
    }
    RecordProtection.Opened opened = protection.open(record);
    if (opened.content() == RecordProtection.Content.NOTHING) {
      return false;
    }
    accept(record, opened);
    return true;
  }

  /**
   * Lets the flight of now go out again, because the peer shows that it has got nothing of it: at
   * most once per half of the first timeout (spec DTLS-C14).
   */
  public void repeatFlight(long nowNanos) {
    if (state == State.HANDSHAKING && !flight.isEmpty() && flightLimit.tryRepeat(nowNanos)) {
      retransmits++;
      transmit();
    }
  }

  /** Goes on after the engine has worked on a thread of its own. */
  public void engineReady(long nowNanos) {
    runEngine(nowNanos);
  }

  /** Does what is due. */
  public void onTimeout(long nowNanos) {
    if (state != State.HANDSHAKING) {
      return;
    }
    if (handshakeDeadlineNanos != RetransmitTimer.NEVER && nowNanos - handshakeDeadlineNanos >= 0) {
      String hint =
          alertHint < 0
              ? ""
              : "; an alert came in clear text, perhaps the peer's: " + TlsAlert.nameOf(alertHint);
      engine.abort();
      fail(
          new IOException(
              "DTLS handshake failed: no answer to "
                  + timer.transmissions()
                  + (timer.transmissions() == 1 ? " try" : " tries")
                  + " within its time limit"
                  + hint));
    } else if (timer.isDue(nowNanos)) {
      if (mtu.unanswered(timer.transmissions())) {
        mtuFallbacks++;
      }
      retransmits++;
      transmit();
      timer.flightRepeated(nowNanos);
      flightLimit.sent(nowNanos);
    }
  }

  /**
   * When {@link #onTimeout} has something to do.
   *
   * @return {@link RetransmitTimer#NEVER} for never
   */
  public long nextDeadlineNanos() {
    if (state != State.HANDSHAKING) {
      return RetransmitTimer.NEVER;
    }
    long repeat = timer.deadlineNanos();
    if (repeat == RetransmitTimer.NEVER || handshakeDeadlineNanos == RetransmitTimer.NEVER) {
      return Math.min(repeat, handshakeDeadlineNanos);
    }
    return repeat - handshakeDeadlineNanos < 0 ? repeat : handshakeDeadlineNanos;
  }

  /**
   * Takes the next datagram for the peer.
   *
   * @return null when there is none
   */
  public byte @Nullable [] pollDatagram() {
    return datagrams.poll();
  }

  /**
   * Takes the next message that the peer has sent.
   *
   * @return null when there is none
   */
  public byte @Nullable [] pollMessage() {
    return messages.poll();
  }

  /**
   * Looks at the next message that the peer has sent; it stays.
   *
   * @return null when there is none
   */
  public byte @Nullable [] peekMessage() {
    return messages.peek();
  }

  /**
   * Seals a message; it is the next datagram.
   *
   * @param data 1 to 16384 bytes
   */
  public void send(byte[] data) {
    if (data.length == 0 || data.length > DtlsRecord.MAX_PLAINTEXT_BYTES) {
      throw new IllegalArgumentException(
          "a message of " + data.length + " bytes; 1 to " + DtlsRecord.MAX_PLAINTEXT_BYTES);
    }
    if (state != State.ESTABLISHED || protection == null) {
      throw new IllegalStateException("nothing can be sent when " + state);
    }
    datagrams.add(protection.seal(data));
  }

  /**
   * Ends it. What was not polled is still there.
   *
   * @param sendsCloseNotify whether the peer is told, when there are keys
   */
  public void close(boolean sendsCloseNotify) {
    State before = state;
    // First, so that it has ended whatever the engine or the keys throw.
    end(State.CLOSED);
    if (before == State.HANDSHAKING) {
      engine.abort();
    } else if (before == State.ESTABLISHED && protection != null && sendsCloseNotify) {
      datagrams.add(protection.closeNotify());
    }
  }

  /**
   * Sets the longest datagram of the handshake, from the next transmission on.
   *
   * @param bytes without the headers of UDP and IP, 64 or more
   */
  public void setMtuBytes(int bytes) {
    mtu.set(bytes);
  }

  /**
   * How much fits into a datagram.
   *
   * @param datagramBytes its length without the headers of UDP and IP
   * @return -1 while there are no keys, so that nobody knows
   */
  public int cleartextBytes(int datagramBytes) {
    return protection == null ? -1 : protection.cleartextBytes(datagramBytes);
  }

  private boolean isOver() {
    return state == State.FAILED || state == State.CLOSED;
  }

  private void receive(DtlsRecord record, long nowNanos) {
    if (record.epoch() > 1) {
      malformed++;
    } else if (state == State.HANDSHAKING) {
      receiveInHandshake(record);
    } else if (record.type() == DtlsRecord.HANDSHAKE
        || record.type() == DtlsRecord.CHANGE_CIPHER_SPEC) {
      repeatLastFlight(nowNanos);
    } else if (record.epoch() == 1) {
      open(record);
    } else {
      clearAlerts++;
    }
  }

  private void receiveInHandshake(DtlsRecord record) {
    if (record.type() == DtlsRecord.HANDSHAKE
        || (record.type() == DtlsRecord.CHANGE_CIPHER_SPEC && record.epoch() == 0)) {
      feed.receive(
          record, timer.transmissions() < 2 ? EngineFeed.NO_SECOND_CHALLENGE : flightNumber);
    } else if (record.epoch() == 1) {
      if (keptData.size() < settings.incomingMessages()) {
        keptData.add(record);
      }
    } else if (record.type() == DtlsRecord.ALERT) {
      clearAlerts++;
      if (record.fragment().remaining() == 2) {
        alertHint = record.fragment().get(1) & 0xFF;
      }
    } else {
      malformed++;
    }
  }

  private void open(DtlsRecord record) {
    if (state != State.ESTABLISHED || protection == null) {
      return;
    }
    if (!window.isFresh(record.sequence())) {
      replayed++;
      return;
    }
    RecordProtection.Opened opened = protection.open(record);
    if (opened.content() == RecordProtection.Content.NOTHING) {
      forged++;
      return;
    }
    accept(record, opened);
  }

  private void accept(DtlsRecord record, RecordProtection.Opened opened) {
    window.accept(record.sequence());
    heard++;
    if (!flight.isEmpty()) {
      // Who seals messages has finished the handshake, and our last flight was not lost.
      flight = new Flight();
    }
    switch (opened.content()) {
      case DATA -> {
        if (messages.size() < settings.incomingMessages()) {
          messages.add(opened.data());
        } else {
          overflowed++;
        }
      }
      case CLOSE_NOTIFY -> {
        if (opened.data() != null) {
          datagrams.add(opened.data());
        }
        end(State.PEER_CLOSED);
      }
      case FATAL_ALERT, BROKEN ->
          fail(
              opened.failure() != null
                  ? opened.failure()
                  : new IOException("the peer has sent a fatal alert"));
      case NOTHING -> throw new AssertionError(opened);
    }
  }

  private void repeatLastFlight(long nowNanos) {
    if (state == State.ESTABLISHED && !flight.isEmpty() && repeatLimit.tryRepeat(nowNanos)) {
      finalRepeats++;
      transmit();
    }
  }

  /** Feeds the engine until it is at work elsewhere, at its end, or there is nothing for it. */
  private void runEngine(long nowNanos) {
    while (state == State.HANDSHAKING) {
      if (isEngineAtWork) {
        HandshakeEngine.Step step = engine.poll();
        if (step == null) {
          return;
        }
        isEngineAtWork = false;
        take(step, nowNanos);
      } else {
        byte[] record = feed.poll();
        if (record == null) {
          return;
        }
        isEngineAtWork = true;
        heard++;
        engine.feed(record);
      }
    }
  }

  private void take(HandshakeEngine.Step step, long nowNanos) {
    EngineFlight said = EngineFlight.of(step.records(), feed::sent);
    for (DtlsRecord alert : said.alerts()) {
      // In clear text it needs a number of ours.
      datagrams.add(alert.epoch() == 0 ? renumbered(alert) : alert.bytes());
    }
    if (!said.flight().isEmpty() && step.failure() == null) {
      flight = said.flight();
      flightNumber = nextNumber;
      transmit();
      timer.flightSent(nowNanos);
      flightLimit.sent(nowNanos);
    }
    if (step.failure() != null) {
      fail(step.failure());
    } else if (step.protection() != null) {
      establish(step.protection(), said.flight().isEmpty());
    }
  }

  private byte[] renumbered(DtlsRecord record) {
    byte[] content = new byte[record.fragment().remaining()];
    record.fragment().get(content);
    return DtlsRecord.clear(record.type(), record.version(), nextNumber++, content).bytes();
  }

  private void transmit() {
    datagrams.addAll(flight.pack(mtu.bytes(), () -> nextNumber++));
  }

  private void establish(RecordProtection keys, boolean isPeerLast) {
    protection = keys;
    state = State.ESTABLISHED;
    timer.stop();
    if (isPeerLast) {
      flight = new Flight();
    }
    feed.clear();
    DtlsRecord early;
    while ((early = keptData.poll()) != null) {
      open(early);
    }
  }

  private void fail(Throwable cause) {
    if (!isOver()) {
      failure = cause;
      end(State.FAILED);
    }
  }

  private void end(State end) {
    state = end;
    timer.stop();
    flight = new Flight();
    feed.clear();
    keptData.clear();
  }
}
