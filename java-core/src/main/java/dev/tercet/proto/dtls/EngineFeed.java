package dev.tercet.proto.dtls;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link HandshakeEngine} is fed: of all that the peer says in a handshake, each record once
 * and in order, with a number of its own, as if nothing was ever lost.
 *
 * <p>Fragments are joined and ordered by {@link Reassembly}; ChangeCipherSpec is kept until {@link
 * CipherChangeGate} opens, and sealed parts of the handshake until the engine has had it.
 *
 * <p>Its clear records are of DTLS 1.2, whatever was on the wire. Which version is spoken is said
 * in the hellos. The version of a clear record says nothing that matters and can be anybody's, and
 * engines silently drop the record with an odd one: a ChangeCipherSpec is fed only once, and with a
 * forged one of DTLS 1.0 the handshake would never end.
 *
 * <p>Its records have numbers of their own, which count from 1. What the engine began with, a
 * server's ClientHello, has number 0 there: the numbers of the network are the peer's choice and
 * never get here.
 *
 * <p>A client may be challenged again: its cookie was damaged on the way, or is too old. A second
 * HelloVerifyRequest has the same message number as the first, so it bypasses the order. It counts
 * only if the hello of now went unanswered once, and it is an answer to that hello: a challenge has
 * the record number of the hello that it challenges. A late one, to an earlier hello, would make
 * the client begin anew while the server goes on, and their transcripts differ (spec DTLS-C11).
 * While the engine has not answered a challenge yet, there is no hello of now: a hello that was
 * sent twice is challenged twice, and the second challenge may arrive before the first is answered.
 *
 * <p>Not thread-safe; the session owns it.
 */
final class EngineFeed {
  /** For {@link #receive}: no challenge is taken but the first. */
  static final long NO_SECOND_CHALLENGE = Long.MAX_VALUE;

  /** Finished, and perhaps twice: nobody seals more than that in a handshake. */
  private static final int MAX_KEPT_SEALED = 4;

  /** Finished is 12 bytes and its header, the tag 16. Engines take shorter ones for fatal. */
  private static final int MIN_SEALED_BYTES = 12 + HandshakeMessage.HEADER_BYTES + 16;

  private final boolean isClient;
  private final Reassembly reassembly;
  private final CipherChangeGate gate;
  private final Queue<byte[]> input = new ArrayDeque<>();
  private final Queue<DtlsRecord> keptSealed = new ArrayDeque<>();

  /** Of the next record for the engine. */
  private long nextNumber = 1;

  private boolean isCipherChangeSeen;
  private boolean isCipherChanged;
  private byte @Nullable [] cookie;

  /** A challenge was taken, and the hello with its cookie is not out yet. */
  private boolean isHelloDue;

  private boolean isAnswered;

  private long malformed;
  private long refused;
  private long forged;

  private EngineFeed(boolean isClient, int firstMessage) {
    this.isClient = isClient;
    this.reassembly = new Reassembly(firstMessage);
    this.gate = new CipherChangeGate(isClient);
  }

  /** For the engine of a client. */
  static EngineFeed ofClient() {
    return new EngineFeed(true, 0);
  }

  /** For the engine of a server, which has had the hello. */
  static EngineFeed ofServer(ClientHello hello) {
    EngineFeed feed = new EngineFeed(false, hello.messageNumber() + 1);
    feed.gate.offered(hello.session());
    return feed;
  }

  /** Records that could not be read. */
  long malformed() {
    return malformed;
  }

  /** Parts of the handshake that broke a limit or contradicted others. */
  long refused() {
    return refused;
  }

  /** Records too short to have been sealed. */
  long forged() {
    return forged;
  }

  /** Notes what our own engine says. */
  void sent(HandshakeMessage message) {
    if (message.type() == HandshakeMessage.CLIENT_HELLO) {
      isHelloDue = false;
    }
    gate.sent(message);
  }

  /**
   * Takes a handshake record or a ChangeCipherSpec of the peer.
   *
   * @param record from the network
   * @param challengedFrom the number of the record with the hello of now, if it went unanswered
   *     once; {@link #NO_SECOND_CHALLENGE} otherwise
   */
  void receive(DtlsRecord record, long challengedFrom) {
    if (record.type() == DtlsRecord.CHANGE_CIPHER_SPEC) {
      isCipherChangeSeen = true;
    } else if (record.epoch() == 0) {
      receiveFragments(record, challengedFrom);
    } else if (record.fragment().remaining() < MIN_SEALED_BYTES) {
      forged++;
    } else if (keptSealed.size() < MAX_KEPT_SEALED) {
      keptSealed.add(record);
    }
  }

  /**
   * Takes the next record for the engine.
   *
   * @return null when there is none
   */
  byte @Nullable [] poll() {
    byte[] record = input.poll();
    if (record != null) {
      return record;
    }
    HandshakeMessage message = reassembly.poll();
    if (message != null) {
      isAnswered = true;
      add(message);
      return input.poll();
    }
    if (isCipherChanged) {
      DtlsRecord sealed = keptSealed.poll();
      return sealed == null ? null : sealed.bytes();
    }
    if (!isCipherChangeSeen || !gate.isOpen()) {
      return null;
    }
    isCipherChanged = true;
    return DtlsRecord.clear(
            DtlsRecord.CHANGE_CIPHER_SPEC, DtlsRecord.VERSION_1_2, nextNumber++, new byte[] {1})
        .bytes();
  }

  /** Throws away what nobody will poll. */
  void clear() {
    input.clear();
    keptSealed.clear();
  }

  private void receiveFragments(DtlsRecord record, long challengedFrom) {
    List<HandshakeFragment> fragments;
    try {
      fragments = HandshakeFragment.parseUntrusted(record.fragment());
    } catch (BadPacketException e) {
      malformed++;
      return;
    }
    for (HandshakeFragment fragment : fragments) {
      if (fragment.type() == HandshakeMessage.HELLO_VERIFY_REQUEST) {
        receiveChallenge(fragment, record, challengedFrom);
      } else if (fragment.type() == HandshakeMessage.CLIENT_HELLO) {
        // To a server it is the one that it began with, or the endpoint's business; a client has no
        // use for one.
        refused++;
      } else if (reassembly.add(fragment, record.version()) == Reassembly.Verdict.REFUSED) {
        refused++;
      }
    }
  }

  private void receiveChallenge(
      HandshakeFragment fragment, DtlsRecord record, long challengedFrom) {
    byte[] body = fragment.part();
    boolean isWellFormed =
        isClient
            && fragment.isWhole()
            && body.length >= 3
            && (body[2] & 0xFF) == body.length - 3
            && fragment.number() == 0;
    if (!isWellFormed || isAnswered) {
      refused++;
      return;
    }
    boolean isLate = isHelloDue || record.sequence() < challengedFrom;
    if (cookie != null && (isLate || Arrays.equals(cookie, body))) {
      return;
    }
    // The engine counts from 1 after its first challenge, and knows no second one.
    int number = cookie == null ? 0 : 1;
    cookie = body;
    isHelloDue = true;
    reassembly.restartAt(1);
    add(new HandshakeMessage(fragment.type(), number, record.version(), body));
  }

  private void add(HandshakeMessage message) {
    gate.delivered(message);
    for (byte[] fragment : message.fragments()) {
      input.add(
          DtlsRecord.clear(DtlsRecord.HANDSHAKE, DtlsRecord.VERSION_1_2, nextNumber++, fragment)
              .bytes());
    }
  }
}
