package dev.tercet.proto.dtls;

import dev.tercet.proto.AddressKey;
import dev.tercet.proto.TimerTable;
import dev.tercet.proto.TimerTable.Timer;
import dev.tercet.proto.dtls.Association.State;
import dev.tercet.tls.DtlsChannelStatistics;
import dev.tercet.tls.DtlsEndpointStatistics;
import dev.tercet.tls.DtlsLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is who behind one UDP socket: datagrams come in from any address and find their {@link
 * Association}, and new peers get one, or a challenge, or nothing.
 *
 * <p><b>The problem.</b> A datagram says only an address, and anybody can write any address. Both
 * roles share the socket, so the same address may be a server that we have dialled, a client that
 * has dialled us, or both one after the other. A client that has crashed and comes back from the
 * same port must get in, and somebody who only pretends to be one must not push out the true one.
 *
 * <p><b>The strategy.</b> One table from address to association, for both roles (spec DTLS-A5). Its
 * key is an {@link AddressKey}, since the same link-local address on two links is two peers. What
 * looks like a hello goes to the {@link CookieGate}, whoever else has that address; all else to the
 * association of the address; what is left over is dropped (spec DTLS-A8). While nobody serves
 * there is no answer to hellos at all (spec DTLS-B8). A hello with a good cookie is one of three:
 *
 * <ul>
 *   <li>The one that began the association of its address, or a late one before it: the client has
 *       got nothing of our flight, or the network doubles. The flight goes out again, rate-limited
 *       (spec DTLS-C14). If that association is over, nothing happens: a peer that we have refused
 *       repeats its hello too, and must not be refused by one handler after the other.
 *   <li>The first of its address: a new association, for the server to accept.
 *   <li>Another one of a known address (spec DTLS-C15). The cookie shows that somebody can read
 *       what goes there, and not that it is the same peer. So an <em>established</em> association
 *       stays in use until the handshake of its successor is done (RFC 6347 section 4.2.8, spec
 *       DTLS-L4). Until then clear records and sealed parts of a handshake are the successor's;
 *       other sealed ones belong to the one whose keys open them, the old one first. An association
 *       that is not established has nothing to lose, and gives way at once.
 * </ul>
 *
 * <p>Dialling an address replaces what is there at once (spec DTLS-D2): that is the user's word. If
 * a successor fails or is closed, the old one has its address again, as if nothing had happened.
 *
 * <p>An association begins its handshake when its user says so, and from then on it goes on by
 * itself. Its end takes it out of the table, unless another one has its place there (spec DTLS-F5);
 * what it has received stays with it.
 *
 * <p><b>Limits.</b> Peers in their handshake have {@link HalfOpenPlaces}, of which each network has
 * a share, and where the one that is silent for the longest time gives way (spec DTLS-L20).
 *
 * <p><b>Faults.</b> What a datagram or a timer makes throw, in this code, in an engine or in the
 * JVM, fails the association that it is about and nothing else (spec DTLS-L19): its place comes
 * back, its user gets the cause, and the driver logs it ({@link #takeFaults}). A datagram that is
 * about no association yet is dropped by the driver.
 *
 * <p><b>What we do not do.</b> Two endpoints that dial each other at the same moment both replace
 * their own attempt by the peer's, and end at their time limits. Associations do not move to other
 * addresses: that would need connection ids.
 *
 * <pre>
 * input                   WAITING        HANDSHAKING     ESTABLISHED             over
 * same hello again        dropped        repeats flight  dropped                 dropped
 * other good hello        REPLACED       REPLACED        stays, gets successor   (a new one)
 * successor established   -              -               REPLACED                -
 * dialled again           REPLACED       REPLACED        REPLACED                (a new one)
 * start                   HANDSHAKING    -               -                       -
 * datagram                dropped        session         session                 dropped
 * session established     -              ESTABLISHED     -                       -
 * session failed          -              FAILED          FAILED                  -
 * peer's close_notify     -              -               PEER_CLOSED             -
 * nobody takes it, 60 s   CLOSED         -               -                       -
 * gives way to another    FAILED         FAILED          -                       -
 * close                   CLOSED         CLOSED          CLOSED                  -
 * </pre>
 *
 * <p>Absorbing: PEER_CLOSED, FAILED, REPLACED, CLOSED; there an association is in no table.
 *
 * <p>Not thread-safe; the caller holds the endpoint's lock.
 */
public final class EndpointMachine {
  /** After so long a client has given up, and its cookie is too old to come again. */
  public static final long ACCEPT_LIMIT_NANOS = 60_000_000_000L;

  /** Challenges that wait to be sent are dropped when there are so many datagrams before them. */
  private static final int MAX_QUEUED = 256;

  private final CookieGate gate;
  private final SecureRandom random;
  private final DtlsLimits limits;
  private final HalfOpenPlaces places;

  /** The newest of each address. */
  private final Map<AddressKey, Association> table = new HashMap<>();

  private final TimerTable<Association> timers = new TimerTable<>();
  private final Queue<Outgoing> outgoing = new ArrayDeque<>();
  private final Set<Association> accepted = new LinkedHashSet<>();
  private final Queue<Association> changed = new ArrayDeque<>();
  private final List<Fault> faults = new ArrayList<>();

  private final PastHellos pastHellos = new PastHellos();

  private boolean isServing;
  private boolean replacesAtCookie;

  /** In the table, or the predecessor of one that is. */
  private int associations;

  private int established;
  private long datagramsIn;
  private long datagramsOut;
  private long hellosIgnored;
  private long challenged;
  private long badCookies;
  private long hellosAccepted;
  private long hellosRepeated;
  private long hellosRefused;
  private long challengesDropped;
  private long expired;
  private long unknownAddress;
  private long malformed;
  private long replaced;

  /** Of sessions that are over. */
  private DtlsChannelStatistics past = DtlsChannelStatistics.NONE;

  /** A datagram to be sent. */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  public record Outgoing(InetSocketAddress to, byte[] bytes) {}

  /**
   * Something was thrown that no datagram and no timer should make throw.
   *
   * @param peer whose association has failed
   * @param thrown by what
   */
  public record Fault(InetSocketAddress peer, Throwable thrown) {}

  /**
   * Makes an endpoint without associations.
   *
   * @param random for the key and the salts of cookies
   */
  public EndpointMachine(SecureRandom random, DtlsLimits limits) {
    this.random = random;
    this.limits = limits;
    this.places = new HalfOpenPlaces(limits.maxHalfOpen());
    this.gate = new CookieGate(bytes(CookieGate.KEY_BYTES));
  }

  // ------------------------------------------------------------------------- what comes in

  /**
   * Takes a datagram.
   *
   * @param from the address that it says it comes from
   * @param datagram anything; its position stays
   */
  public void receive(InetSocketAddress from, ByteBuffer datagram, long nowNanos) {
    datagramsIn++;
    if (ClientHello.looksLikeOneUntrusted(datagram)) {
      receiveHello(from, datagram, nowNanos);
      return;
    }
    Association association = table.get(AddressKey.of(from));
    if (association == null) {
      unknownAddress++;
      return;
    }
    DtlsRecord.Split split = DtlsRecord.splitUntrusted(datagram);
    Association old = association.predecessor;
    if (old != null) {
      split = withoutThoseOf(old, split);
    }
    if (association.session == null) {
      return;
    }
    try {
      long heardBefore = association.heard();
      association.session.receive(split, nowNanos);
      listen(association, heardBefore, nowNanos);
      settle(association);
    } catch (RuntimeException | Error e) {
      breakDown(association, e);
    }
  }

  /** Gives an established association the records that its keys open, and returns the others. */
  private DtlsRecord.Split withoutThoseOf(Association old, DtlsRecord.Split split) {
    List<DtlsRecord> others = new ArrayList<>();
    try {
      for (DtlsRecord record : split.records()) {
        boolean mayBeOfOld = record.epoch() == 1 && record.type() != DtlsRecord.HANDSHAKE;
        if (!mayBeOfOld || old.session == null || !old.session.receiveIfOurs(record)) {
          others.add(record);
        }
      }
      settle(old);
    } catch (RuntimeException | Error e) {
      breakDown(old, e);
    }
    return new DtlsRecord.Split(others, split.isMalformed());
  }

  private void receiveHello(InetSocketAddress from, ByteBuffer datagram, long nowNanos) {
    if (!isServing) {
      hellosIgnored++;
      return;
    }
    ClientHello again = repeated(from, datagram);
    if (again != null) {
      receiveGoodHello(from, again, nowNanos);
      return;
    }
    CookieGate.Verdict verdict =
        gate.judgeUntrusted(address(from), datagram, bytes(CookieGate.SALT_BYTES), nowNanos);
    if (verdict == null) {
      malformed++;
    } else if (verdict instanceof CookieGate.Verdict.Challenge challenge) {
      challenged++;
      if (challenge.isForBadCookie()) {
        badCookies++;
      }
      if (outgoing.size() < MAX_QUEUED) {
        outgoing.add(new Outgoing(from, challenge.datagram()));
      } else {
        challengesDropped++;
      }
    } else if (verdict instanceof CookieGate.Verdict.Accept accept) {
      receiveGoodHello(from, accept.hello(), nowNanos);
    }
  }

  /**
   * The hello that a handshake began with, come again. Its cookie may be too old by now. With
   * another challenge the client would begin anew, and might take the flight of the old association
   * for the answer to its new hello (spec DTLS-C14).
   */
  private @Nullable ClientHello repeated(InetSocketAddress from, ByteBuffer datagram) {
    Association current = table.get(AddressKey.of(from));
    ClientHello first = current == null || isEstablished(current) ? null : current.hello();
    if (first == null) {
      return null;
    }
    ClientHello hello = ClientHello.parseUntrusted(datagram);
    return hello != null && first.isSameAs(hello) ? hello : null;
  }

  private void receiveGoodHello(InetSocketAddress from, ClientHello hello, long nowNanos) {
    Association current = table.get(AddressKey.of(from));
    if (current != null && isKnown(current, hello)) {
      hellosRepeated++;
      if (current.session != null && current.isNotBefore(hello)) {
        try {
          current.session.repeatFlight(nowNanos);
          settle(current);
        } catch (RuntimeException | Error e) {
          breakDown(current, e);
        }
      }
      return;
    }
    if (pastHellos.isOneOf(AddressKey.of(from), hello, nowNanos)) {
      hellosRepeated++;
      return;
    }
    boolean freesPlace = current != null && current.hello() != null && !isEstablished(current);
    if (!freesPlace && !hasPlace(from, nowNanos)) {
      hellosRefused++;
      return;
    }
    hellosAccepted++;
    Association next = new Association(from, hello);
    next.acceptedNanos = nowNanos;
    next.heardNanos = nowNanos;
    try {
      places.add(next);
      enter(next, replacesAtCookie);
      accepted.add(next);
      timers.add(next.timer, nowNanos + ACCEPT_LIMIT_NANOS);
    } catch (RuntimeException | Error e) {
      breakDown(next, e);
    }
  }

  /** Whether there is a place for one more peer, or somebody has given way. */
  private boolean hasPlace(InetSocketAddress from, long nowNanos) {
    AddressBlock block = AddressBlock.of(from.getAddress());
    return (!places.isFull(block) || makeRoom(places.givesWay(block, nowNanos)))
        && ((!places.isFull() && associations < limits.maxAssociations())
            || makeRoom(places.givesWay(nowNanos)));
  }

  private boolean makeRoom(@Nullable Association silent) {
    if (silent == null) {
      return false;
    }
    hellosRefused++;
    silent.gaveWay = true;
    end(
        silent,
        State.FAILED,
        false,
        new IOException(
            "silent in its handshake, and given up for another peer: there were too many"));
    return true;
  }

  /** Notes whether something new of a handshake has come. */
  private void listen(Association association, long heardBefore, long nowNanos) {
    if (association.hello() != null && association.heard() != heardBefore) {
      places.heard(association, nowNanos);
    }
  }

  private static boolean isKnown(Association current, ClientHello hello) {
    Association old = current.predecessor;
    return current.isNotBefore(hello) || (old != null && old.isNotBefore(hello));
  }

  private static boolean isEstablished(Association association) {
    return association.state() == State.ESTABLISHED;
  }

  /** Does what is due. */
  public void onTimeout(long nowNanos) {
    Timer<Association> due;
    while ((due = timers.pollDue(nowNanos)) != null) {
      Association association = due.value();
      try {
        if (association.session == null) {
          expired++;
          end(association, State.CLOSED, false);
        } else {
          association.session.onTimeout(nowNanos);
          settle(association);
        }
      } catch (RuntimeException | Error e) {
        breakDown(association, e);
      }
    }
  }

  /** Goes on after an engine has worked on a thread of its own. */
  public void engineReady(Association association, long nowNanos) {
    if (association.session != null && !association.isOver()) {
      try {
        long heardBefore = association.heard();
        association.session.engineReady(nowNanos);
        listen(association, heardBefore, nowNanos);
        settle(association);
      } catch (RuntimeException | Error e) {
        breakDown(association, e);
      }
    }
  }

  // ------------------------------------------------------------------------- what users do

  /**
   * Begins to answer hellos.
   *
   * @param atCookie whether a hello with a good cookie ends the association that its address has,
   *     as Trio does it, and not only the handshake that follows
   */
  public void startServing(boolean atCookie) {
    isServing = true;
    replacesAtCookie = atCookie;
  }

  /** Ends to answer hellos. Who was accepted and not taken is dropped. */
  public void stopServing() {
    isServing = false;
    List.copyOf(accepted).forEach(association -> end(association, State.CLOSED, false));
  }

  /**
   * Takes the next peer that has shown its address.
   *
   * @return waiting for its start; null when there is none
   */
  public @Nullable Association pollAccepted() {
    if (accepted.isEmpty()) {
      return null;
    }
    Association next = accepted.iterator().next();
    accepted.remove(next);
    timers.remove(next.timer);
    return next;
  }

  /**
   * Whether a peer waits to be taken.
   *
   * @return false when {@link #pollAccepted} would give none
   */
  public boolean hasAccepted() {
    return !accepted.isEmpty();
  }

  /**
   * Makes an association as a client. Sends nothing. Replaces what the address has, at once.
   *
   * @return waiting for its start
   */
  public Association connect(InetSocketAddress peer) {
    Association next = new Association(peer, null);
    enter(next, true);
    return next;
  }

  /**
   * Begins the handshake.
   *
   * @param engine not started; for a server it knows the hello
   * @param settings its times and sizes
   */
  public void start(
      Association association, HandshakeEngine engine, SessionSettings settings, long nowNanos) {
    if (association.state() != State.WAITING) {
      throw new IllegalStateException("cannot start what is " + association.state());
    }
    ClientHello hello = association.hello();
    DtlsSession session =
        hello == null
            ? DtlsSession.client(engine, settings)
            : DtlsSession.server(engine, settings, hello);
    association.session = session;
    try {
      session.start(nowNanos);
      settle(association);
    } catch (RuntimeException | Error e) {
      breakDown(association, e);
    }
  }

  /**
   * Seals a message and puts it behind what is to be sent. If it cannot be sealed, the association
   * fails.
   *
   * @param data 1 to 16384 bytes
   */
  public void send(Association association, byte[] data) {
    DtlsSession session = association.session;
    if (session == null || association.state() != State.ESTABLISHED) {
      throw new IllegalStateException("nothing can be sent when " + association.state());
    }
    try {
      session.send(data);
      settle(association);
    } catch (RuntimeException | Error e) {
      breakDown(association, e);
    }
  }

  /**
   * Ends an association.
   *
   * @param sendsCloseNotify whether the peer is told, when there are keys
   */
  public void close(Association association, boolean sendsCloseNotify) {
    end(association, State.CLOSED, sendsCloseNotify);
  }

  /** Ends everything. Nothing is sent (spec DTLS-A15). */
  public void closeAll() {
    stopServing();
    for (Association association : List.copyOf(table.values())) {
      Association old = association.predecessor;
      if (old != null) {
        end(old, State.CLOSED, false);
      }
      end(association, State.CLOSED, false);
    }
    outgoing.clear();
  }

  // ------------------------------------------------------------------------- what goes out

  /**
   * Takes the next datagram to be sent.
   *
   * @return null when there is none
   */
  public @Nullable Outgoing pollOutgoing() {
    Outgoing next = outgoing.poll();
    if (next != null) {
      datagramsOut++;
    }
    return next;
  }

  /**
   * Takes the next association of which there is news: another state, or a message.
   *
   * @return null when there is none
   */
  public @Nullable Association pollChanged() {
    Association next = changed.poll();
    if (next != null) {
      next.isChanged = false;
    }
    return next;
  }

  /**
   * Takes what was thrown since the last call.
   *
   * @return oldest first; empty when all is well
   */
  public List<Fault> takeFaults() {
    if (faults.isEmpty()) {
      return List.of();
    }
    List<Fault> taken = List.copyOf(faults);
    faults.clear();
    return taken;
  }

  /**
   * When {@link #onTimeout} has something to do.
   *
   * @return {@link RetransmitTimer#NEVER} for never
   */
  public long nextDeadlineNanos() {
    Timer<Association> first = timers.first();
    return first == null ? RetransmitTimer.NEVER : first.deadlineNanos();
  }

  /**
   * What has happened so far, and what there is now. Walks.
   *
   * @return a copy
   */
  public DtlsEndpointStatistics statistics() {
    DtlsChannelStatistics channels = past;
    for (Association association : table.values()) {
      channels = channels.plus(association.statistics());
      if (association.predecessor != null) {
        channels = channels.plus(association.predecessor.statistics());
      }
    }
    return new DtlsEndpointStatistics(
        datagramsIn,
        datagramsOut,
        hellosIgnored,
        challenged,
        badCookies,
        hellosAccepted,
        hellosRepeated,
        replaced,
        hellosRefused,
        challengesDropped,
        expired,
        unknownAddress,
        malformed + channels.malformed(),
        places.size(),
        established,
        channels);
  }

  // ------------------------------------------------------------------------- the table

  /** Puts one into the table, and replaces what is there, now or when it is established. */
  private void enter(Association next, boolean replacesAtOnce) {
    Association current = table.get(next.key);
    next.isEntered = true;
    associations++;
    if (current != null) {
      Association old = current.predecessor;
      if (old != null) {
        part(current, old);
      }
      Association kept = isEstablished(current) ? current : old;
      if (kept != null && !replacesAtOnce) {
        next.predecessor = kept;
        kept.successor = next;
      }
      table.put(next.key, next);
      if (current != next.predecessor) {
        end(current, State.REPLACED, false);
      }
      if (old != null && old != next.predecessor) {
        end(old, State.REPLACED, false);
      }
    } else {
      table.put(next.key, next);
    }
  }

  private static void part(Association association, Association predecessor) {
    association.predecessor = null;
    predecessor.successor = null;
  }

  private void end(Association association, State how, boolean sendsCloseNotify) {
    end(association, how, sendsCloseNotify, null);
  }

  private void end(
      Association association, State how, boolean sendsCloseNotify, @Nullable Throwable why) {
    if (association.isOver()) {
      return;
    }
    // First, so that it is over whatever the engine or the keys throw.
    association.end(how, why);
    if (how == State.REPLACED) {
      replaced++;
    }
    if (association.session != null) {
      try {
        association.session.close(sendsCloseNotify);
      } catch (RuntimeException | Error e) {
        faults.add(new Fault(association.peer(), e));
      }
    }
    settle(association);
  }

  /** What happens to an association that has made something throw (spec DTLS-L19). */
  private void breakDown(Association association, Throwable thrown) {
    try {
      end(association, State.FAILED, false, thrown);
      // It may have been over already, and not be settled.
      settle(association);
    } finally {
      faults.add(new Fault(association.peer(), thrown));
    }
  }

  /**
   * After anything that a session was told: what has changed, when it is due, what it sends. In
   * that order, because the last is what may take memory.
   */
  private void settle(Association association) {
    DtlsSession session = association.session;
    State state = association.state();
    if (state != association.counted) {
      moved(association, state);
      change(association);
    } else if (association.peekMessage() != null) {
      change(association);
    }
    timers.remove(association.timer);
    if (session != null && !association.isOver()) {
      long deadline = session.nextDeadlineNanos();
      if (deadline != RetransmitTimer.NEVER) {
        timers.add(association.timer, deadline);
      }
    }
    byte[] datagram;
    while (session != null && (datagram = session.pollDatagram()) != null) {
      outgoing.add(new Outgoing(association.peer(), datagram));
    }
  }

  private void moved(Association association, State to) {
    State from = association.counted;
    association.counted = to;
    boolean wasHalfOpen = from == State.WAITING || from == State.HANDSHAKING;
    boolean isHalfOpen = to == State.WAITING || to == State.HANDSHAKING;
    if (association.hello() != null && wasHalfOpen && !isHalfOpen) {
      places.remove(association);
    }
    if (from == State.ESTABLISHED) {
      established--;
    } else if (to == State.ESTABLISHED) {
      established++;
    }
    Association old = association.predecessor;
    if (old != null && (to == State.ESTABLISHED || to == State.PEER_CLOSED)) {
      // The peer is who it says, though it may have sent close_notify at once.
      part(association, old);
      end(old, State.REPLACED, false);
    }
    if (association.isOver()) {
      leave(association);
    }
  }

  private void leave(Association association) {
    associations -= association.isEntered ? 1 : 0;
    accepted.remove(association);
    Association next = association.successor;
    if (next != null) {
      part(next, association);
    }
    Association old = association.predecessor;
    if (old != null) {
      part(association, old);
    }
    // Identity: the address may be another one's by now (spec DTLS-F5).
    if (table.get(association.key) == association) {
      if (old == null) {
        table.remove(association.key);
      } else {
        table.put(association.key, old);
      }
    }
    past = past.plus(association.statistics());
    ClientHello hello = association.hello();
    if (hello != null && !association.gaveWay) {
      pastHellos.add(association.key, hello, association.acceptedNanos);
    }
  }

  private void change(Association association) {
    if (!association.isChanged) {
      association.isChanged = true;
      changed.add(association);
    }
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] address(InetSocketAddress from) {
    byte[] ip = from.getAddress().getAddress();
    return ByteBuffer.allocate(ip.length + Integer.BYTES + Short.BYTES)
        .put(ip)
        .putInt(AddressKey.zoneOf(from.getAddress()))
        .putShort((short) from.getPort())
        .array();
  }
}
