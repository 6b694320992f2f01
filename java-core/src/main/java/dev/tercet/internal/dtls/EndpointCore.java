package dev.tercet.internal.dtls;

import dev.tercet.AddressText;
import dev.tercet.BusyResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.internal.dtls.bouncycastle.DtlsEngines;
import dev.tercet.internal.dtls.bouncycastle.HandshakeThreads;
import dev.tercet.internal.net.NonBlockingDatagram;
import dev.tercet.internal.net.SerialExecutor;
import dev.tercet.internal.nio.Datagrams;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.proto.AddressKey;
import dev.tercet.proto.dtls.Association;
import dev.tercet.proto.dtls.EndpointMachine;
import dev.tercet.proto.dtls.EndpointMachine.Fault;
import dev.tercet.proto.dtls.EndpointMachine.Outgoing;
import dev.tercet.proto.dtls.RetransmitTimer;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsEndpointStatistics;
import dev.tercet.tls.DtlsLimits;
import dev.tercet.tls.DtlsReplacement;
import dev.tercet.tls.DtlsServerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A DTLS endpoint for the drivers of both languages: everything but waiting.
 *
 * <p><b>The problem.</b> Datagrams of all peers come in at one socket, and much of what follows
 * from them belongs to no call: a peer that has lost our last flight needs it again while no task
 * is in {@code receive}; a flight without an answer goes out again; a ClientHello gets its
 * challenge.
 *
 * <p><b>The strategy.</b> The {@link EndpointMachine} decides, under one lock. What comes in is
 * read by the {@link EndpointPump}, which has no thread: it waits in the socket's {@code readable}
 * place like a task, and works in the {@link SerialExecutor} of the socket. So do the one timer,
 * for the machine's next deadline, and engines that have worked elsewhere. After each of them, and
 * after each call of a user, the same is to be done: send what is due, wake the tasks that have
 * news, set the timer. {@link #takeDue} collects it while the lock is held anyway, and {@link
 * #finish} does it without the lock. So an incoming datagram takes the lock once, an outgoing one
 * twice.
 *
 * <p>Datagrams are sent by the thread that changed the machine, one thread at a time ({@link
 * EndpointOutbox}). When the socket has no room, sending goes on when it has.
 *
 * <p>Errors of the system while sending and receiving are ignored, but for the close of the socket:
 * anybody can forge an ICMP message, and it is about a datagram that is lost like any other (spec
 * DTLS-A11, DTLS-C12, DTLS-D8).
 *
 * <p><b>Faults.</b> Nothing that a peer sends may end the pump or the timer, whatever it makes
 * throw: a bug of ours, of the engine or of a provider, a class that cannot be loaded, a stack or a
 * heap that is full. The machine fails the one association (spec DTLS-L19); what is about none is
 * caught here, step by step. Both are logged without the lock. So what runs in the turns never
 * throws.
 *
 * <p>The endpoint holds both directions of its socket for its life, so that a user who reads from
 * it gets {@link BusyResourceException}.
 *
 * <p><i>Thread-safety:</i> any thread. One lock for machine and sessions. It is not held while
 * something is sent or received, nor while anybody is woken.
 */
public final class EndpointCore {
  private static final String CLOSED = "this DTLS endpoint was closed";

  /** After something could not be scheduled. */
  private static final long RETRY_NANOS = 100_000_000L;

  private final NonBlockingDatagram socket;
  private final SerialExecutor executor;
  private final DtlsLimits limits;
  private final DtlsEngines clientEngines;
  private final DtlsEngines serverEngines;
  private final EndpointPump pump;
  private final Exclusive serving = new Exclusive("another task is serving this endpoint");

  final EndpointLock lock = new EndpointLock();

  /** Guarded by lock, as is everything below. */
  final EndpointMachine machine;

  private final EndpointOutbox outbox;
  private final StrayFault stray = new StrayFault();

  private boolean isClosed;
  private @Nullable DtlsServerConfig served;
  private @Nullable Latch arrival;

  private boolean wantsToRead;
  private boolean isReading;

  /** To be opened without the lock. */
  private List<Latch> latches = List.of();

  private SerialExecutor.@Nullable Alarm alarm;
  private long alarmNanos;

  /**
   * What is to be done without the lock. Who has taken it must {@link #finish} it.
   *
   * @param datagram to be sent; nobody else sends until that is done
   * @param latches to be opened
   * @param startsToRead whether the pump is to be started
   * @param faults of associations, to be logged
   * @param stray about no association, to be logged
   */
  record Due(
      @Nullable Outgoing datagram,
      List<Latch> latches,
      boolean startsToRead,
      List<Fault> faults,
      @Nullable Throwable stray) {}

  private EndpointCore(NonBlockingDatagram socket, DtlsLimits limits) {
    this.socket = socket;
    this.executor = socket.executor();
    this.limits = limits;
    SecureRandom random = executor.random();
    // Who connects is not refused for those who are served.
    this.clientEngines = new DtlsEngines(threads(Integer.MAX_VALUE), random);
    // Engines that were given up may take a moment to end.
    this.serverEngines =
        new DtlsEngines(threads((int) Math.min(2L * limits.maxHalfOpen(), 1 << 30)), random);
    this.machine = new EndpointMachine(random, limits);
    this.outbox = new EndpointOutbox(machine);
    this.pump = new EndpointPump(this, socket, executor);
    DtlsLog.load();
  }

  private HandshakeThreads threads(int most) {
    return executor.isLockStep() ? new LockStepThreads() : new PooledThreads(most);
  }

  /**
   * Takes a socket. Does no I/O.
   *
   * @param socket in whose directions nobody is; bound or not
   * @param limits how much is kept
   * @return the endpoint
   * @throws BusyResourceException when somebody sends or receives on the socket
   * @throws IllegalStateException when Bouncy Castle is not there
   */
  public static EndpointCore of(NonBlockingDatagram socket, DtlsLimits limits) {
    EndpointCore core = new EndpointCore(socket, limits);
    socket.sending().enter();
    try {
      socket.receiving().enter();
    } catch (BusyResourceException e) {
      socket.sending().exit();
      throw e;
    }
    return core;
  }

  /**
   * How much it keeps.
   *
   * @return as given
   */
  public DtlsLimits limits() {
    return limits;
  }

  /**
   * Whether it, or its socket, was closed.
   *
   * @return true for good
   */
  public boolean isClosed() {
    lock.lock();
    try {
      return isClosed || socket.isClosed();
    } finally {
      lock.unlock();
    }
  }

  // ------------------------------------------------------------------------- what users do

  /**
   * Makes a channel to a server. Does no I/O; replaces what the address has, at once.
   *
   * @param peer the server
   * @param serverHostname its name; null for none
   * @param config how to speak
   * @return the channel
   * @throws IllegalArgumentException when the address cannot be sent to, or the name that is to be
   *     checked is missing
   * @throws ClosedResourceException when closed
   */
  public ChannelCore connect(
      InetSocketAddress peer, @Nullable String serverHostname, DtlsConfig config)
      throws ClosedResourceException {
    InetSocketAddress remote = Datagrams.zoned(socket, Datagrams.requireRemote(socket, peer));
    InetSocketAddress only = socket.remoteAddress();
    if (only != null && !AddressKey.isSame(only, remote)) {
      throw new IllegalArgumentException(
          "the socket is connected to "
              + AddressText.of(only)
              + " and cannot send to "
              + AddressText.of(remote));
    }
    HandshakePlan handshake =
        HandshakePlan.ofClient(this, clientEngines, remote, serverHostname, config);
    ChannelCore channel;
    lock.lock();
    try {
      ensureOpen();
      channel = new ChannelCore(this, machine.connect(remote), handshake);
    } finally {
      lock.unlock();
    }
    settle();
    return channel;
  }

  /**
   * Held while serving, until the last handler has ended.
   *
   * @return one per endpoint
   */
  public Exclusive serving() {
    return serving;
  }

  /**
   * Begins to answer hellos. The caller holds {@link #serving}.
   *
   * @param config how to speak
   * @throws ClosedResourceException when closed
   * @throws IllegalStateException when the socket is not bound
   */
  public void startServing(DtlsServerConfig config) throws ClosedResourceException {
    lock.lock();
    try {
      ensureOpen();
      if (socket.localAddress() == null) {
        throw new IllegalStateException(
            "the socket of this endpoint is not bound, and nobody can send to it; bind it first");
      }
      served = config;
      machine.startServing(config.replacement() == DtlsReplacement.AT_COOKIE);
    } finally {
      lock.unlock();
    }
    startReading();
  }

  /** Ends to answer hellos; drops who was not accepted yet. */
  public void stopServing() {
    lock.lock();
    try {
      if (served != null) {
        served = null;
        machine.stopServing();
      }
    } finally {
      lock.unlock();
    }
    settle();
  }

  /**
   * Takes the next peer that has shown its address.
   *
   * @return null when one must wait for {@link #arrival}
   * @throws ClosedResourceException when closed, or nobody serves
   */
  public @Nullable ChannelCore tryAccept() throws ClosedResourceException {
    lock.lock();
    try {
      ensureOpen();
      DtlsServerConfig config = served;
      if (config == null) {
        throw new ClosedResourceException("this endpoint does not serve any more");
      }
      Association next = machine.pollAccepted();
      return next == null
          ? null
          : new ChannelCore(this, next, HandshakePlan.ofServer(this, serverEngines, config));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Where to wait for the next peer, or the end. To be taken before one looks.
   *
   * @return a place; who is woken tries again
   */
  public WaitPlace arrival() {
    lock.lock();
    try {
      if (arrival == null) {
        arrival = new Latch();
      }
      return arrival;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Closes the endpoint, its channels and its socket here and now, and wakes everybody. Nothing is
   * sent (spec DTLS-A15). Any thread, any number of times.
   */
  public void close() {
    boolean isFirst;
    lock.lock();
    try {
      isFirst = !isClosed;
      isClosed = true;
      served = null;
      machine.closeAll();
      outbox.clear();
      if (alarm != null) {
        alarm.cancel();
        alarm = null;
      }
    } finally {
      lock.unlock();
    }
    socket.close();
    if (isFirst) {
      socket.sending().exit();
      socket.receiving().exit();
    }
    settle();
  }

  /**
   * Where to wait, after {@link #close}, until the port is free.
   *
   * @return a latch that opens one turn of the loop after the close
   */
  public Latch released() {
    return socket.released();
  }

  /**
   * What has happened so far.
   *
   * @return a snapshot
   */
  public DtlsEndpointStatistics statistics() {
    lock.lock();
    try {
      return machine.statistics();
    } finally {
      lock.unlock();
    }
  }

  // ------------------------------------------------------------------------- for the channels

  /** The lock must be held. */
  void ensureOpen() throws ClosedResourceException {
    if (isClosed || socket.isClosed()) {
      throw new ClosedResourceException(CLOSED);
    }
  }

  /** Whether messages must wait for room, and if so, remembers who does. The lock must be held. */
  boolean mustWaitForRoom(ChannelCore channel) {
    return outbox.mustWait(channel);
  }

  long nanoTime() {
    return executor.nanoTime();
  }

  /** An engine has worked on its own thread. Called there. */
  void engineReady(Association association) {
    boolean unused =
        executor.run(
            () -> {
              lock.lock();
              try {
                machine.engineReady(association, nanoTime());
              } catch (RuntimeException | Error e) {
                stray.note(e);
              } finally {
                lock.unlock();
              }
              settle();
            });
  }

  /** Reads as soon as the socket is bound; that may be by the first datagram that is sent. */
  void startReading() {
    lock.lock();
    try {
      wantsToRead = true;
    } finally {
      lock.unlock();
    }
    settle();
  }

  // ------------------------------------------------------------------------- what is nobody's call

  /** A datagram has come in. */
  void received(InetSocketAddress from, ByteBuffer datagram) {
    Due due;
    lock.lock();
    try {
      try {
        machine.receive(from, datagram, nanoTime());
      } catch (RuntimeException | Error e) {
        stray.note(e);
      }
      due = takeDue();
    } finally {
      lock.unlock();
    }
    finish(due);
  }

  private void onAlarm() {
    lock.lock();
    try {
      alarm = null;
      machine.onTimeout(nanoTime());
    } catch (RuntimeException | Error e) {
      stray.note(e);
    } finally {
      lock.unlock();
    }
    settle();
  }

  /** Something was thrown that is about no association. The lock must not be held. */
  void note(Throwable thrown) {
    lock.lock();
    try {
      stray.note(thrown);
    } finally {
      lock.unlock();
    }
  }

  /** After anything that the machine was told: sends, wakes and sets the timer. */
  void settle() {
    Due due;
    lock.lock();
    try {
      due = takeDue();
    } finally {
      lock.unlock();
    }
    finish(due);
  }

  /**
   * Sets the timer, and takes what is to be done when the lock is free. The lock must be held.
   *
   * @return null when there is nothing to do
   */
  @Nullable Due takeDue() {
    Outgoing datagram = outbox.take();
    boolean startsToRead = wantsToRead && !isReading && !isClosed && socket.localAddress() != null;
    isReading |= startsToRead;
    List<Latch> latches = takeLatches();
    setAlarm();
    List<Fault> faults = machine.takeFaults();
    Throwable thrown = stray.isEmpty() ? null : stray.take(nanoTime());
    return datagram == null
            && latches.isEmpty()
            && !startsToRead
            && faults.isEmpty()
            && thrown == null
        ? null
        : new Due(datagram, latches, startsToRead, faults, thrown);
  }

  private List<Latch> takeLatches() {
    Association changed;
    while ((changed = machine.pollChanged()) != null) {
      changed.tellOwner();
    }
    if (arrival != null && (machine.hasAccepted() || served == null)) {
      addLatch(arrival);
      arrival = null;
    }
    for (ChannelCore channel : outbox.takeWaiting()) {
      addLatch(channel.takeNews());
    }
    List<Latch> taken = latches;
    latches = List.of();
    return taken;
  }

  /** Has a latch opened when the lock is free. The lock must be held. */
  void addLatch(@Nullable Latch latch) {
    latches = with(latch, latches);
  }

  /** Has a failure logged that is about no association. The lock must be held. */
  void addStray(Throwable thrown) {
    stray.note(thrown);
  }

  /** Most datagrams wake nobody or one, and make no list that grows. */
  private static List<Latch> with(@Nullable Latch latch, List<Latch> others) {
    if (latch == null) {
      return others;
    }
    if (others.isEmpty()) {
      return List.of(latch);
    }
    List<Latch> more = others instanceof ArrayList ? others : new ArrayList<>(others);
    more.add(latch);
    return more;
  }

  /**
   * Does what is to be done, and what that brings about. The lock must not be held. Everything is
   * sent before anybody is woken, who may be of the kind that goes on right here.
   */
  void finish(@Nullable Due taken) {
    List<Latch> latches = List.of();
    boolean startsToRead = false;
    Due due = taken;
    while (due != null) {
      startsToRead |= due.startsToRead;
      log(due);
      if (latches.isEmpty()) {
        latches = due.latches;
      } else {
        for (Latch latch : due.latches) {
          latches = with(latch, latches);
        }
      }
      due = due.datagram == null ? null : send(due.datagram);
    }
    for (Latch latch : latches) {
      try {
        latch.open();
      } catch (RuntimeException | Error e) {
        DtlsLog.fault("a task could not be woken by the DTLS endpoint ", this, e);
      }
    }
    if (startsToRead) {
      pump.start();
    }
  }

  private void log(Due due) {
    for (Fault fault : due.faults) {
      DtlsLog.fault(
          "an internal error has ended the DTLS association with ", fault.peer(), fault.thrown());
    }
    if (due.stray != null) {
      DtlsLog.fault("an internal error was ignored by the DTLS endpoint ", this, due.stray);
    }
  }

  private void setAlarm() {
    long deadline = machine.nextDeadlineNanos();
    if (deadline == RetransmitTimer.NEVER || (alarm != null && alarmNanos - deadline <= 0)) {
      // One that is set for earlier looks again.
      return;
    }
    if (alarm != null) {
      alarm.cancel();
    }
    alarmNanos = deadline;
    alarm = null;
    try {
      alarm = executor.at(deadline, this::onAlarm);
    } catch (RuntimeException | Error e) {
      // No memory for it. The next datagram or call tries again.
      stray.note(e);
    }
  }

  /** Sends what was taken, lets others send, and takes what is to be done then. */
  private @Nullable Due send(Outgoing datagram) {
    boolean hadRoom = true;
    try {
      hadRoom = socket.send(ByteBuffer.wrap(datagram.bytes()), datagram.to());
    } catch (ClosedResourceException e) {
      closeQuietly();
    } catch (IOException e) {
      // About this datagram or an earlier one; lost like any other.
    } catch (RuntimeException | Error e) {
      // Lost like any other; the next datagram must be sent all the same.
      note(e);
      if (executor.isLockStep()) {
        // The router of a simulation is the test's, whose failures end the simulation.
        boolean unused = executor.run(() -> rethrow(e));
      }
    }
    Due next;
    lock.lock();
    try {
      if (hadRoom) {
        outbox.sent();
      } else {
        outbox.hadNoRoom(datagram);
      }
      next = takeDue();
    } finally {
      lock.unlock();
    }
    if (!hadRoom) {
      awaitRoom();
    }
    return next;
  }

  private void awaitRoom() {
    try {
      socket.writable().install(pump.roomWaiter());
    } catch (RuntimeException | Error e) {
      note(e);
      retry(this::roomCame);
    }
  }

  /** Goes on after something could not be installed or scheduled; if that fails too, closes. */
  void retry(Runnable turn) {
    try {
      SerialExecutor.Alarm unused = executor.at(executor.nanoTime() + RETRY_NANOS, turn);
    } catch (RuntimeException | Error e) {
      DtlsLog.fault("an internal error has closed the DTLS endpoint ", this, e);
      closeQuietly();
    }
  }

  private static void rethrow(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) thrown;
  }

  /** There is room again. */
  void roomCame() {
    lock.lock();
    try {
      outbox.roomCame();
    } finally {
      lock.unlock();
    }
    settle();
  }

  /** The socket was closed, by us or behind our back. */
  void closeQuietly() {
    lock.lock();
    try {
      if (isClosed) {
        return;
      }
    } finally {
      lock.unlock();
    }
    close();
  }

  @Override
  public String toString() {
    return socket.toString();
  }
}
