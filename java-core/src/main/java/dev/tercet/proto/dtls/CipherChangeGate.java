package dev.tercet.proto.dtls;

import java.util.Arrays;

/**
 * When the engine may be told that sealed records follow.
 *
 * <p><b>The problem.</b> ChangeCipherSpec has no message number, so nothing in it says what must
 * come before. An engine that takes it early reads under the new keys from then on, and drops the
 * clear text that it still needs: Bouncy Castle, with the client's CertificateVerify lost once,
 * discards every repetition of it and never ends (found by a run, deterministic).
 *
 * <p><b>The strategy.</b> The messages themselves say which one is the last before the change:
 *
 * <pre>
 * server   ClientKeyExchange; CertificateVerify, if the client has shown a certificate
 * client   ServerHelloDone; NewSessionTicket behind it, if the server has announced one
 * resumed  the client's is behind ServerHello (and ticket), the server's at once
 * </pre>
 *
 * <p>A ChangeCipherSpec that comes before is kept until then. One that an attacker sends early does
 * no harm: what had to come first has come.
 *
 * <p>Not thread-safe; the session owns it.
 */
public final class CipherChangeGate {
  private static final int SESSION_TICKET_EXTENSION = 35;

  private final boolean isClient;
  private byte[] offeredSession = {};
  private boolean isResumed;
  private boolean isTicketAnnounced;
  private boolean isCertificateShown;
  private boolean isLastSeen;
  private boolean isTicketSeen;

  /**
   * Begins closed.
   *
   * @param isClient whose records are let through are the other side's
   */
  public CipherChangeGate(boolean isClient) {
    this.isClient = isClient;
  }

  /**
   * Whether the engine may have the ChangeCipherSpec.
   *
   * @return true once all that must be before it was delivered
   */
  public boolean isOpen() {
    if (!isClient) {
      return isResumed || isLastSeen;
    }
    return (isResumed || isLastSeen) && (!isTicketAnnounced || isTicketSeen);
  }

  /**
   * Notes a message of the peer, when the engine gets it.
   *
   * @param message whole
   */
  public void delivered(HandshakeMessage message) {
    switch (message.type()) {
      case HandshakeMessage.SERVER_HELLO -> {
        Hello hello = Hello.parseUntrusted(message.body());
        isResumed = isResumption(hello);
        isTicketAnnounced = hello.hasTicketExtension;
      }
      case HandshakeMessage.NEW_SESSION_TICKET -> isTicketSeen = true;
      case HandshakeMessage.SERVER_HELLO_DONE -> isLastSeen = true;
      // Three bytes are the length of an empty chain.
      case HandshakeMessage.CERTIFICATE -> isCertificateShown = message.body().length > 3;
      case HandshakeMessage.CLIENT_KEY_EXCHANGE -> isLastSeen = !isCertificateShown;
      case HandshakeMessage.CERTIFICATE_VERIFY -> isLastSeen = true;
      default -> {}
    }
  }

  /**
   * Notes a message of our own engine.
   *
   * @param message whole
   */
  public void sent(HandshakeMessage message) {
    if (message.type() == HandshakeMessage.CLIENT_HELLO) {
      offeredSession = Hello.parseUntrusted(message.body()).session;
    } else if (message.type() == HandshakeMessage.SERVER_HELLO) {
      isResumed = isResumption(Hello.parseUntrusted(message.body()));
    }
  }

  /**
   * Notes the hello that a server's session begins with.
   *
   * @param session the session that the client wants to resume; empty for none
   */
  public void offered(byte[] session) {
    offeredSession = session;
  }

  private boolean isResumption(Hello hello) {
    return offeredSession.length > 0 && Arrays.equals(offeredSession, hello.session);
  }

  /**
   * The parts of a hello that matter here. What is cut short has none: the engine will refuse it.
   */
  private static final class Hello {
    final byte[] session;
    final boolean hasTicketExtension;

    private Hello(byte[] session, boolean hasTicketExtension) {
      this.session = session;
      this.hasTicketExtension = hasTicketExtension;
    }

    static Hello parseUntrusted(byte[] body) {
      int at = 2 + 32;
      if (body.length <= at || body.length - at - 1 < (body[at] & 0xFF)) {
        return new Hello(new byte[0], false);
      }
      byte[] session = Arrays.copyOfRange(body, at + 1, at + 1 + (body[at] & 0xFF));
      // Right for a ServerHello only: suite and compression, then extensions.
      at += 1 + session.length + 3 + 2;
      boolean hasTicket = false;
      while (at + 4 <= body.length) {
        hasTicket |= int16(body, at) == SESSION_TICKET_EXTENSION;
        at += 4 + int16(body, at + 2);
      }
      return new Hello(session, hasTicket);
    }

    private static int int16(byte[] bytes, int at) {
      return ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF);
    }
  }
}
