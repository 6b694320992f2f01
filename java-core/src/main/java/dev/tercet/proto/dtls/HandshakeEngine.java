package dev.tercet.proto.dtls;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who knows what a handshake means: certificates, keys, the transcript. It is told what the peer
 * says in order, without loss, each message once, and it answers with records for a network that
 * loses nothing. All the rest is {@link DtlsSession}'s.
 *
 * <p>It is given one record at a time, works, and wants the next; what it has done meanwhile is a
 * {@link Step}. It may work at once, so that the step is there when {@link #feed} returns, or on a
 * thread of its own: then {@link #poll} gives null until the step is there, and the session's
 * driver is woken to ask again.
 *
 * <p>Not thread-safe; the session owns it.
 */
public interface HandshakeEngine {
  /** Begins, once. A client's first step is its hello. */
  void start();

  /**
   * Gives it the next record. It must be waiting for one: the last step was taken.
   *
   * @param record header and content; whole messages in order, or parts of one in order
   */
  void feed(byte[] record);

  /**
   * What it has done since it was started or fed.
   *
   * @return null while it is at work
   */
  @Nullable Step poll();

  /** Ends it, wherever it is; nothing of it is at work afterwards. Nothing happens at the end. */
  void abort();

  /**
   * What an engine did until it wanted more, or was at its end.
   *
   * @param records what it wants to send, one record each
   * @param protection at the end of a good handshake: the keys
   * @param failure at the end of a bad one: why
   */
  record Step(
      List<byte[]> records, @Nullable RecordProtection protection, @Nullable Throwable failure) {}
}
