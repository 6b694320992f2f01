package dev.tercet.proto.dtls;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The gate before a server: who cannot receive at the address that its hello comes from gets
 * neither memory nor a long answer (RFC 6347 section 4.2.1).
 *
 * <p><b>The problem.</b> The address of a datagram is whatever its sender wrote. A server that
 * begins a handshake for each hello can be filled with handshakes of nobody, and made to send its
 * chain of certificates to a victim.
 *
 * <p><b>The strategy.</b> A hello without the right cookie is answered with one, and forgotten. The
 * cookie is a MAC, so that it can be checked without having been kept:
 *
 * <pre>
 * cookie = salt (8) | HMAC-SHA256(key, salt, tick, address, number, hello without cookie), cut to 24 bytes
 * </pre>
 *
 * <p>All parts have their length before them, so no two inputs read the same (spec DTLS-C5). The
 * number is that of the hello that brings the cookie back, one more than of the one that got it: it
 * is in a header that nothing else guards, and with a wrong one the handshake would be for ever out
 * of step. The tick is the time in half minutes; this one and the last are accepted, so a cookie
 * lives 30 to 60 s (spec DTLS-C6). Both are always compared, in constant time (spec DTLS-C7). 32
 * bytes in all is the limit of DTLS 1.0, which every dissector knows (spec DTLS-C4). The challenge
 * has 60 bytes, and no hello that is answered is shorter (spec DTLS-C13): nothing is amplified.
 *
 * <p>The challenge has the number of the hello's record, because the server counts nothing yet, and
 * the version of DTLS 1.0, because no version was chosen yet (spec DTLS-C9).
 *
 * <p>The record number is the client's choice, and in no MAC, since each repetition has another
 * one. The server's records count on from it, so one that is too high for that is not accepted
 * (spec DTLS-C17).
 *
 * <p>Not thread-safe; the endpoint owns it. The key and the salts are given by the caller, whose
 * they are to keep secret and random.
 */
public final class CookieGate {
  /** Of the key. */
  public static final int KEY_BYTES = 32;

  /** Of a salt. */
  public static final int SALT_BYTES = 8;

  /** How long a tick is. */
  public static final long TICK_NANOS = 30_000_000_000L;

  private static final int TAG_BYTES = 24;
  private static final int COOKIE_BYTES = SALT_BYTES + TAG_BYTES;

  private final Mac mac;

  /** What is to be done about a hello. */
  public sealed interface Verdict {
    /**
     * Send this back, and forget the hello.
     *
     * @param isForBadCookie whether the hello had a cookie, a wrong or an old one
     */
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record Challenge(byte[] datagram, boolean isForBadCookie) implements Verdict {}

    /**
     * Begin a handshake, or go on with the one that this hello has begun.
     *
     * @param hello with a good cookie
     */
    record Accept(ClientHello hello) implements Verdict {}
  }

  /**
   * Makes a gate.
   *
   * @param key {@link #KEY_BYTES} random bytes
   */
  public CookieGate(byte[] key) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException("a key of " + key.length + " bytes, not " + KEY_BYTES);
    }
    try {
      mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JVM has HmacSHA256", e);
    }
  }

  /**
   * Judges a datagram that looks like a hello.
   *
   * @param address of the sender, with its port
   * @param salt {@link #SALT_BYTES} random bytes, for a new cookie
   * @return null to drop it
   */
  public @Nullable Verdict judgeUntrusted(
      byte[] address, ByteBuffer datagram, byte[] salt, long nowNanos) {
    ClientHello hello = ClientHello.parseUntrusted(datagram);
    if (hello == null) {
      return null;
    }
    long tick = Math.floorDiv(nowNanos, TICK_NANOS);
    if (isGood(hello, address, tick)) {
      return hello.canBegin() ? new Verdict.Accept(hello) : null;
    }
    byte[] challenge = challenge(hello, cookie(hello, 1, address, salt, tick));
    return challenge.length > hello.record().length
        ? null
        : new Verdict.Challenge(challenge, hello.cookie().length > 0);
  }

  @SuppressWarnings("ShortCircuitBoolean") // both are compared, whatever the first says
  private boolean isGood(ClientHello hello, byte[] address, long tick) {
    byte[] shown = hello.cookie();
    if (shown.length != COOKIE_BYTES) {
      return false;
    }
    byte[] salt = Arrays.copyOf(shown, SALT_BYTES);
    boolean isOfNow = MessageDigest.isEqual(shown, cookie(hello, 0, address, salt, tick));
    boolean isOfLast = MessageDigest.isEqual(shown, cookie(hello, 0, address, salt, tick - 1));
    return isOfNow | isOfLast;
  }

  /** The cookie for a hello that comes so many messages later. */
  private byte[] cookie(ClientHello hello, int later, byte[] address, byte[] salt, long tick) {
    // Whatever was thrown in the middle of the last one.
    mac.reset();
    add(ByteBuffer.wrap(salt));
    add(ByteBuffer.allocate(Long.BYTES).putLong(0, tick));
    add(ByteBuffer.wrap(address));
    add(ByteBuffer.allocate(Short.BYTES).putShort(0, (short) (hello.messageNumber() + later)));
    add(hello.beforeCookie());
    add(hello.behindCookie());
    byte[] cookie = Arrays.copyOf(salt, COOKIE_BYTES);
    System.arraycopy(mac.doFinal(), 0, cookie, SALT_BYTES, TAG_BYTES);
    return cookie;
  }

  private void add(ByteBuffer part) {
    mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, part.remaining()));
    mac.update(part);
  }

  private static byte[] challenge(ClientHello hello, byte[] cookie) {
    byte[] body = new byte[3 + cookie.length];
    body[0] = (byte) (DtlsRecord.VERSION_1_0 >>> 8);
    body[1] = (byte) DtlsRecord.VERSION_1_0;
    body[2] = (byte) cookie.length;
    System.arraycopy(cookie, 0, body, 3, cookie.length);
    HandshakeMessage request =
        new HandshakeMessage(
            HandshakeMessage.HELLO_VERIFY_REQUEST, 0, DtlsRecord.VERSION_1_0, body);
    return DtlsRecord.clear(
            DtlsRecord.HANDSHAKE,
            DtlsRecord.VERSION_1_0,
            hello.recordNumber(),
            request.fragment(0, body.length))
        .bytes();
  }
}
