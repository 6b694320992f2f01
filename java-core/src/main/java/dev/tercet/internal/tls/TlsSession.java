package dev.tercet.internal.tls;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.ResourceException;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.Turnstile;
import dev.tercet.proto.tls.TlsAlert;
import dev.tercet.proto.tls.TlsMachine;
import dev.tercet.proto.tls.TlsNeed;
import dev.tercet.tls.ClientHello;
import dev.tercet.tls.NeedHandshakeException;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsTruncatedException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A TLS stream without the waiting: the state that its operations share. It guards the {@link
 * TlsMachine} with the session lock and knows who may do what. Each operation is a {@link
 * TlsOperation}, made for a session; the drivers of both languages meet what it needs.
 *
 * <p><b>Locks.</b> There are five, and only the session lock is one in the sense of the JVM: it is
 * held for one step of an operation and never across a wait. The others are places where tasks wait
 * for their turn:
 *
 * <ul>
 *   <li>{@link #handshakeTurn}: one task does the handshake, the others wait for it to end;
 *   <li>{@link #sendTurn}: one task is in the transport's {@code sendAll} or {@code
 *       waitSendAllMightNotBlock}. Output is taken out of the machine only inside: so a task that
 *       is cancelled while it waits here takes nothing with it (spec TLS-C9), and wire order is
 *       encryption order;
 *   <li>{@link #receiveTurn}: one task is in the transport's {@code receiveSome};
 *   <li>{@link #engineTurn}: one computation of the engine is running, and nobody touches it.
 * </ul>
 *
 * <p>Order: handshakeTurn, then one of the others. Nobody waits for one of the others while he
 * holds another. Turns are entered with the session lock held, by those that do not wait, and left
 * without it.
 *
 * <p><b>Receiving for each other.</b> A step that needs bytes enters the turn in the same piece, or
 * waits for the task that is receiving to leave it. Then it asks the machine again: what that task
 * has fed may be what it is waiting for.
 *
 * <p>Whether the user may go on is told by {@link #lifecycle}, which needs no lock. A step looks at
 * it under the session lock all the same, so that nothing is encrypted behind close_notify.
 *
 * <p><i>Thread-safety:</i> any thread, but for what says that it needs the session lock.
 */
public final class TlsSession {
  /** How long to try to tell the peer what was wrong with it, before telling the caller. */
  public static final Duration ALERT_TIME = Duration.ofSeconds(1);

  /** How long a client may take to send its hello, if the server chooses by it (spec TLS-R4). */
  public static final Duration HELLO_TIME = Duration.ofSeconds(10);

  private final ReentrantLock lock = new ReentrantLock();

  /** Guarded by lock. */
  private final TlsMachine machine;

  private final TlsRole role;

  /** That of a server which chooses is written once, by the operation that asked for the choice. */
  private volatile @Nullable String serverHostname;

  /** Null until they are chosen; written under lock. */
  private volatile @Nullable SessionTerms terms;

  /** Whether users can go on. */
  public final Lifecycle lifecycle = new Lifecycle();

  /** Held by a user's task while it sends or waits to. */
  final Exclusive sending = new Exclusive("another task is sending");

  /** Held by a user's task while it receives. */
  final Exclusive receiving = new Exclusive("another task is receiving");

  /** One task does the handshake. */
  final Turnstile handshakeTurn = new Turnstile();

  /** One task sends on the transport. */
  final Turnstile sendTurn = new Turnstile();

  /** One task receives from the transport. */
  final Turnstile receiveTurn = new Turnstile();

  /** One task computes for the engine. */
  final Turnstile engineTurn = new Turnstile();

  private final TlsSend send = new TlsSend(this);
  private final TlsReceive receive = new TlsReceive(this);

  /** What the user has chosen; null before, and when it is made. */
  private @Nullable Choice choice;

  private volatile @Nullable TlsInfo info;

  /** For those who watch; null when it is not known. */
  private volatile @Nullable SocketAddress peer;

  /** Whether the peer had closed when this side did. Guarded by lock. */
  private boolean peerFirst;

  /** Everything is to be freed. */
  private volatile boolean abandoned;

  /** Guarded by lock. */
  private boolean released;

  /** What the user has answered to a ClientHello. */
  record Choice(ClientHello hello, @Nullable TlsServerConfig config) {}

  private TlsSession(
      TlsRole role,
      @Nullable String serverHostname,
      @Nullable SessionTerms terms,
      byte[] initialBytes) {
    this.role = role;
    this.serverHostname = serverHostname;
    this.terms = terms;
    this.machine =
        terms == null
            ? TlsMachine.choosing(OutputBuffers.HEAP)
            : new TlsMachine(
                terms.engine(),
                terms.demands(),
                role,
                terms.httpsCompatible(),
                OutputBuffers.of(terms.engine()));
    if (initialBytes.length > 0) {
      machine.feed(initialBytes.clone());
    }
  }

  /**
   * The session of a client.
   *
   * @param serverHostname whose name to check, in any form; null only if none is to be checked
   * @param config how it speaks
   * @param initialBytes what was received already; copied
   * @return a session that has done nothing yet
   * @throws IllegalArgumentException when the name is missing or none
   */
  public static TlsSession client(
      @Nullable String serverHostname, TlsConfig config, byte[] initialBytes) {
    ServerName name = serverHostname == null ? null : ServerName.of(serverHostname);
    return new TlsSession(
        TlsRole.CLIENT, serverHostname, SessionTerms.client(config, name), initialBytes);
  }

  /**
   * The session of a server.
   *
   * @param config how it speaks
   * @param initialBytes what was received already; copied
   * @return a session that has done nothing yet
   */
  public static TlsSession server(TlsServerConfig config, byte[] initialBytes) {
    return new TlsSession(TlsRole.SERVER, null, SessionTerms.server(config), initialBytes);
  }

  /**
   * The session of a server that chooses its configuration by the client's hello (spec TLS-N2).
   *
   * @param initialBytes what was received already; copied
   * @return a session that {@link #isChoosing}
   */
  public static TlsSession choosing(byte[] initialBytes) {
    return new TlsSession(TlsRole.SERVER, null, null, initialBytes);
  }

  /**
   * Whether a configuration must be chosen before the handshake goes on.
   *
   * @return false when it is chosen, and for a client
   */
  public boolean isChoosing() {
    return terms == null;
  }

  /**
   * The hello to choose by, when an operation has asked for a choice.
   *
   * @return what the client has sent
   * @throws ClosedResourceException when closed meanwhile
   */
  public ClientHello hello() throws ClosedResourceException {
    lock.lock();
    try {
      ensureNotReleased();
      ClientHello hello = machine.hello();
      if (hello == null) {
        throw new IllegalStateException("there is no hello to choose by");
      }
      return hello;
    } finally {
      unlock();
    }
  }

  /**
   * Takes in the choice of a configuration.
   *
   * @param hello what it was chosen for
   * @param config null when there is none for this client: then the session will be broken
   */
  public void chosen(ClientHello hello, @Nullable TlsServerConfig config) {
    serverHostname = hello.serverName();
    choice = new Choice(hello, config);
  }

  /** What the user has chosen, once; null before. */
  @Nullable Choice takeChoice() {
    Choice taken = choice;
    choice = null;
    return taken;
  }

  /**
   * Whether something has arrived that nobody has received, decrypted or not.
   *
   * @return true when the next receive has something to look at
   */
  public boolean hasInput() {
    lock.lock();
    try {
      return !released && machine.hasInput();
    } finally {
      unlock();
    }
  }

  /** Goes on with a configuration. Returns false when the session was closed meanwhile. */
  boolean use(SessionTerms chosen) {
    lock.lock();
    try {
      if (released) {
        return false;
      }
      terms = chosen;
      machine.choose(
          chosen.engine(),
          chosen.demands(),
          chosen.httpsCompatible(),
          OutputBuffers.of(chosen.engine()));
      return true;
    } finally {
      unlock();
    }
  }

  /** Breaks the session before it has an engine; the peer gets an alert. */
  void refuse(TlsAlert alert, String reason, SSLException cause) {
    lock.lock();
    try {
      machine.refuse(alert, reason, cause);
    } finally {
      unlock();
    }
    lifecycle.breakBy(reason, cause);
  }

  /**
   * Which side this is.
   *
   * @return never changes
   */
  public TlsRole role() {
    return role;
  }

  /**
   * The name of the server.
   *
   * @return for a client as it was given; for a server that has chosen by the ClientHello, what the
   *     client has asked for; else null
   */
  public @Nullable String serverHostname() {
    return serverHostname;
  }

  /**
   * Says who the peer is, for those who watch.
   *
   * @param peer null when the stream below is no socket
   */
  public void over(@Nullable SocketAddress peer) {
    this.peer = peer;
  }

  /**
   * Who the peer is.
   *
   * @return null when the stream below is no socket
   */
  public @Nullable SocketAddress peer() {
    return peer;
  }

  /**
   * Whether close_notify may be missing.
   *
   * @return never changes, once it is chosen; false before
   */
  public boolean httpsCompatible() {
    SessionTerms known = terms;
    return known != null && known.httpsCompatible();
  }

  /**
   * The limit of the handshake, or of what comes before the choice.
   *
   * @return null for none
   */
  public @Nullable Duration handshakeTimeout() {
    SessionTerms known = terms;
    return known == null ? HELLO_TIME : known.handshakeTimeout();
  }

  /**
   * How long a close waits for the peer's close_notify.
   *
   * @return zero for not at all
   */
  public Duration closeNotifyReadTimeout() {
    SessionTerms known = terms;
    return known == null ? Duration.ZERO : known.closeNotifyReadTimeout();
  }

  /**
   * Whether the handshake has ended well.
   *
   * @return then the facts are known, and stay so
   */
  public boolean isHandshaken() {
    return info != null;
  }

  /**
   * The facts of the session.
   *
   * @param fact what is asked for, for the message
   * @return them
   * @throws NeedHandshakeException before the end of the handshake
   */
  public TlsInfo info(String fact) {
    TlsInfo known = info;
    if (known == null) {
      throw new NeedHandshakeException(fact);
    }
    return known;
  }

  /**
   * A value to bind an authentication to this session.
   *
   * @param type which kind of channel binding
   * @return the value
   */
  public byte[] channelBinding(String type) {
    return ChannelBinding.of(type, info("the channel binding"), role);
  }

  // --------------------------------------------------- operations that are made once

  /**
   * Sending data; the same object each time, for one task at a time.
   *
   * @return to be begun
   */
  public TlsSend send() {
    return send;
  }

  /**
   * Receiving data; the same object each time, for one task at a time.
   *
   * @return to be begun
   */
  public TlsReceive receive() {
    return receive;
  }

  // ------------------------------------------------- steps, with the lock held by an operation

  void lock() {
    lock.lock();
  }

  /** Whoever is in the middle of something frees everything on leaving. */
  void unlock() {
    lock.unlock();
    if (abandoned) {
      releaseUnlessInUse();
    }
  }

  /** Steps towards data having been encrypted; after it, {@link #mark} is what must be sent. */
  TlsNeed write(ByteBuffer data) throws ResourceException {
    try {
      return machine.write(data);
    } catch (BrokenResourceException e) {
      if (machine.hasFailed()) {
        throw breakBy(e);
      }
      // The peer has closed: what it has sent before can be received.
      lifecycle.breakSending(e.reason(), e);
      throw e;
    }
  }

  /** Steps towards some data having been received; nothing at the end. */
  TlsNeed read(ByteBuffer into) throws ResourceException {
    try {
      int start = into.position();
      TlsNeed need = machine.read(into);
      if (need == TlsNeed.RECEIVE) {
        machine.trim();
      } else if (need == TlsNeed.NOTHING && into.position() == start) {
        // No end after Broken: a failed send is not to be taken for a conversation that is over.
        lifecycle.ensureWhole();
      }
      return need;
    } catch (BrokenResourceException e) {
      throw breakBy(e);
    }
  }

  /**
   * Throws unless receiving is possible. It is after a failed send (spec TLS-C5), and on a session
   * that has failed as long as there is something that was decrypted before (spec TLS-D10).
   */
  void ensureCanReceive() throws ResourceException {
    lifecycle.ensureOpen();
    if (!lifecycle.receives() && (released || !machine.hasPlaintext())) {
      lifecycle.ensureReceives();
    }
  }

  /**
   * Steps towards having put close_notify into the output.
   *
   * @param eof whether receiving goes on
   * @throws UnsupportedOperationException when receiving is to go on, and cannot
   */
  TlsNeed closeOutbound(boolean eof) throws ResourceException {
    ensureNotReleased();
    lifecycle.ensureWhole();
    if (eof && !info("the version").version().equals("TLSv1.3")) {
      throw new UnsupportedOperationException(
          "sending the end and going on to receive needs TLS 1.3; this is "
              + info("the version").version());
    }
    TlsNeed need = machine.closeOutbound();
    if (need != TlsNeed.NOTHING) {
      return need;
    }
    if (!lifecycle.isEofSent()) {
      peerFirst = machine.isPeerClosed();
    }
    lifecycle.sentEof();
    if (eof && machine.closesBothHalves()) {
      lifecycle.breakAfterAll(
          new BrokenResourceException("the engine has closed both directions", null));
      throw new UnsupportedOperationException(
          "this TLS engine cannot close one direction and leave the other open");
    }
    return need;
  }

  /**
   * Steps towards the peer's close_notify.
   *
   * @param discard whether data before it is thrown away; else it is an error
   */
  TlsNeed awaitCloseNotify(boolean discard) throws ResourceException {
    try {
      ensureNotReleased();
      lifecycle.ensureWhole();
      ByteBuffer into = ByteBuffer.allocate(1024);
      while (true) {
        TlsNeed need = machine.read(into.clear());
        if (need != TlsNeed.NOTHING) {
          return need;
        }
        if (into.position() == 0) {
          if (machine.isPeerClosed()) {
            return TlsNeed.NOTHING;
          }
          TlsTruncatedException truncated = new TlsTruncatedException(false);
          throw new BrokenResourceException(truncated.reason(), truncated);
        }
        if (!discard) {
          throw new BrokenResourceException(
              "the peer sent data before its close_notify, and nobody has received it", null);
        }
      }
    } catch (BrokenResourceException e) {
      throw breakBy(e);
    }
  }

  /** Ends the session and leaves the transport alive. Returns what came behind close_notify. */
  byte[] unwrapped() {
    byte[] trailing = machine.takeTrailing();
    lifecycle.unwrap();
    abandoned = true;
    return trailing;
  }

  /** What must be sent for all that was encrypted so far to be out. */
  long mark() {
    return machine.mark();
  }

  /** What must be sent for the peer not to wait in vain. */
  long urgentMark() {
    return machine.urgentMark();
  }

  /** Whether the output was sent so far; throws when it will not get out. */
  boolean isSent(long mark) throws ResourceException {
    ensureNotReleased();
    lifecycle.ensureReceives();
    if (machine.hasLostOutput()) {
      lifecycle.ensureWhole();
    }
    return machine.isSent(mark);
  }

  /** Takes the output, to be sent inside {@link #sendTurn}; null for nothing. */
  @Nullable ByteBuffer takeOutput() {
    return released ? null : machine.takeOutput();
  }

  /** What was taken has been sent. */
  void sent(ByteBuffer batch) {
    machine.outputSent(batch);
    machine.trim();
  }

  /** Takes in what the transport has given; none for the end. */
  void feed(byte[] bytes) {
    if (bytes.length == 0) {
      machine.feedEof();
    } else {
      machine.feed(bytes);
    }
  }

  // -------------------------------------------------------------- what takes the lock itself

  /** Steps towards the end of the handshake; nothing when it has ended. May take long. */
  TlsNeed handshake() throws ResourceException {
    lock();
    try {
      ensureNotReleased();
      machine.begin(System.currentTimeMillis());
      TlsNeed need = machine.handshake();
      if (need == TlsNeed.NOTHING) {
        info = machine.info();
        machine.trim();
      }
      return need;
    } catch (BrokenResourceException e) {
      throw breakBy(e);
    } finally {
      unlock();
    }
  }

  /**
   * The transport's send was cut short: how much of the output is out, nobody knows, and the peer
   * could not decrypt what came after a gap. Nothing is sent any more; receiving goes on.
   *
   * @param cause what happened
   */
  void sendFailed(Throwable cause) {
    lifecycle.breakSending("sending on the transport was cut short", cause);
    lock.lock();
    try {
      machine.outputLost();
    } finally {
      unlock();
    }
  }

  /**
   * Breaks the session, since a task came to grief at a moment that cannot be repeated; but only
   * sending, if that is what failed and there is a session to receive by.
   *
   * @param what it was doing
   * @param cause what happened to it
   */
  void cutShort(String what, Throwable cause) {
    if (!lifecycle.isSendBroken() || !isHandshaken()) {
      lifecycle.breakBy(what, cause);
    }
  }

  /**
   * Runs the computation that a step has asked for. The caller is inside {@link #engineTurn}; if
   * somebody else has run it, this does nothing. What it throws breaks the session, and is told by
   * the next step; an error of the JVM comes out besides.
   */
  void compute() {
    Runnable task;
    lock.lock();
    try {
      task = released ? null : machine.takeTask();
    } finally {
      unlock();
    }
    if (task == null) {
      return;
    }
    Throwable failure = null;
    try {
      // Without the lock: it may take long, and may call trust and key managers of the user's.
      task.run();
    } catch (RuntimeException e) {
      failure = e;
    } catch (Error e) {
      failure = e;
      throw e;
    } finally {
      computed(failure);
    }
  }

  private void computed(@Nullable Throwable failure) {
    lock.lock();
    try {
      machine.taskDone(failure);
      if (released) {
        releaseEngine();
      }
    } finally {
      unlock();
    }
  }

  private BrokenResourceException breakBy(BrokenResourceException e) {
    lifecycle.breakBy(e.reason(), e);
    return e;
  }

  /**
   * Whether the machine has failed and has last words for the peer.
   *
   * @return true when it is worth trying to send them
   */
  boolean hasAlert() {
    lock.lock();
    try {
      return !released && machine.hasAlert();
    } finally {
      unlock();
    }
  }

  /**
   * Whether a graceful close has something to say: not after HTTP's manner, nor on a broken
   * session, nor before the handshake is over: a handshake for the sake of closing would take as
   * long as the peer likes (spec TLS-H1).
   *
   * @return true when close_notify is owed
   */
  boolean owesCloseNotify() {
    return isHandshaken()
        && !httpsCompatible()
        && !lifecycle.isBroken()
        && !lifecycle.isUnwrapped();
  }

  /**
   * Frees everything as soon as nobody uses it; does not wait for that. Closes the session, if it
   * is not closed yet.
   */
  public void release() {
    boolean unused = lifecycle.close();
    abandoned = true;
    releaseUnlessInUse();
  }

  private void releaseUnlessInUse() {
    if (!lock.tryLock()) {
      return;
    }
    try {
      if (!released) {
        released = true;
        tellEnd();
        if (machine.release()) {
          releaseEngine();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void tellEnd() {
    if (isHandshaken()) {
      boolean isSent = lifecycle.isEofSent() && machine.isSent(machine.mark());
      boolean isReceived = machine.isPeerClosed();
      TlsEvents.ended(
          this, isSent, isReceived, isReceived && (peerFirst || !lifecycle.isEofSent()));
    }
  }

  /** Whether the transport has ended without close_notify, and that is allowed. Lock held. */
  boolean isTruncated() {
    return machine.hasFailed() && !lifecycle.isBroken();
  }

  private void releaseEngine() {
    SessionTerms known = terms;
    if (known != null) {
      known.release();
    }
  }

  @Override
  public String toString() {
    TlsInfo known = info;
    String name = serverHostname;
    return role
        + (name == null ? "" : " of " + name)
        + (known == null ? "" : ", " + known.version())
        + lifecycle;
  }

  private void ensureNotReleased() throws ClosedResourceException {
    if (released) {
      lifecycle.ensureOpen();
    }
  }
}
