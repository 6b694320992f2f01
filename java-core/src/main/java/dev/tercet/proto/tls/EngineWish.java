package dev.tercet.proto.tls;

import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/**
 * What an engine wants next, and for how long it has achieved nothing.
 *
 * <p>Not thread-safe; the caller holds the session lock.
 */
final class EngineWish {
  /** How many turns in a row may achieve nothing. Honest engines have been seen to need two. */
  static final int MAX_IDLE_TURNS = 4;

  private HandshakeStatus status = HandshakeStatus.NOT_HANDSHAKING;

  /** It wishes to wrap and has nothing to say: JDK 11 to 17 do so after close_notify. */
  private boolean mute;

  /**
   * The result wishes to wrap and the getter does not. After the handshake that is an alert, and
   * some engines give no other sign that they have failed (spec TLS-R-a).
   */
  private boolean disputed;

  private int idleTurns;

  /** The getter says so, and there is no result. */
  void set(HandshakeStatus asked) {
    status = asked;
  }

  /**
   * A call of the engine is over. A wish to wrap in the result or in the getter counts, for the
   * rest the getter.
   *
   * @param told by the result
   * @param asked of the getter
   * @param progress whether bytes were read or written: what a call tells that has done nothing is
   *     no news
   */
  void set(HandshakeStatus told, HandshakeStatus asked, boolean progress) {
    status = told == HandshakeStatus.NEED_WRAP && progress ? told : asked;
    disputed = status == HandshakeStatus.NEED_WRAP && asked == HandshakeStatus.NOT_HANDSHAKING;
  }

  HandshakeStatus status() {
    return status;
  }

  boolean isDisputed() {
    return disputed;
  }

  boolean isToCompute() {
    return status == HandshakeStatus.NEED_TASK;
  }

  /** Also of one that was asked and had nothing to say. */
  boolean wantsToWrap() {
    return status == HandshakeStatus.NEED_WRAP;
  }

  boolean isToWrap() {
    return wantsToWrap() && !mute;
  }

  /** Whether the engine has something to do that needs nothing from the peer. */
  boolean isOwn() {
    return isToWrap() || isToCompute();
  }

  /** It was asked to wrap what it has to say. */
  void wrapped(boolean wrote) {
    mute = wantsToWrap() && !wrote;
  }

  /** It has read: it may have something to say again. */
  void hasRead() {
    mute = false;
    progress();
  }

  /** Something was achieved. */
  void progress() {
    idleTurns = 0;
  }

  /** Nothing was achieved. Returns whether that was once too often (spec TLS-R-m). */
  boolean isIdleTooLong() {
    return ++idleTurns > MAX_IDLE_TURNS;
  }

  /** How many turns in a row have achieved nothing. */
  int idleTurns() {
    return idleTurns;
  }
}
