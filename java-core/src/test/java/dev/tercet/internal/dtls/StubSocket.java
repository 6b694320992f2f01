package dev.tercet.internal.dtls;

import dev.tercet.ClosedResourceException;
import dev.tercet.internal.dtls.bouncycastle.SeededRandom;
import dev.tercet.internal.loop.SelectorLoop;
import dev.tercet.internal.net.NonBlockingDatagram;
import dev.tercet.internal.net.SerialExecutor;
import dev.tercet.internal.wait.Exclusive;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.internal.wait.Waiter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ProtocolFamily;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A socket below an endpoint, and its turns, all on the thread of the test: datagrams are put in by
 * hand, time moves by hand, and any call can be told to throw.
 */
final class StubSocket implements NonBlockingDatagram, SerialExecutor {
  /** What the next call throws, once. */
  @Nullable Throwable onReceive;

  /** As above. */
  @Nullable Throwable onSend;

  /** As above, of the source of randomness. */
  @Nullable Throwable onRandom;

  /** As above, of waiting to read. */
  @Nullable Throwable onInstall;

  /** As above, of setting an alarm. */
  @Nullable Throwable onAlarm;

  final List<InetSocketAddress> sentTo = new ArrayList<>();
  long nowNanos = 1_000_000_000L;

  private final Queue<Came> inbox = new ArrayDeque<>();
  private final Queue<Runnable> turns = new ArrayDeque<>();
  private final PriorityQueue<Due> alarms = new PriorityQueue<>();
  private final Exclusive sending = new Exclusive("sending");
  private final Exclusive receiving = new Exclusive("receiving");
  private final SeededRandom seeded = new SeededRandom(1);
  private @Nullable Waiter reader;
  private long order;
  private boolean isClosed;

  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Came(InetSocketAddress from, byte[] bytes) {}

  private record Due(long atNanos, long order, Runnable turn) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  /** Whether somebody waits for the next datagram. */
  boolean isRead() {
    return reader != null;
  }

  /** A datagram arrives, and all that follows from it happens. */
  void arrives(InetSocketAddress from, byte[] bytes) {
    inbox.add(new Came(from, bytes));
    runAll();
  }

  /** Time passes, and what is due happens. */
  void pass(long nanos) {
    long end = nowNanos + nanos;
    runAll();
    Due next;
    while ((next = alarms.peek()) != null && next.atNanos <= end) {
      alarms.remove();
      nowNanos = Math.max(nowNanos, next.atNanos);
      next.turn.run();
      runAll();
    }
    nowNanos = end;
  }

  private void runAll() {
    while (true) {
      Runnable turn = turns.poll();
      if (turn != null) {
        turn.run();
      } else if (reader != null && !inbox.isEmpty()) {
        Waiter woken = reader;
        reader = null;
        woken.wakeFromLoop();
      } else {
        return;
      }
    }
  }

  private static void raise(@Nullable Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
  }

  // ------------------------------------------------------------------------- the turns

  @Override
  public SerialExecutor executor() {
    return this;
  }

  @Override
  public long nanoTime() {
    return nowNanos;
  }

  @Override
  public boolean run(Runnable turn) {
    return turns.add(turn);
  }

  @Override
  public Alarm at(long atNanos, Runnable turn) {
    Throwable thrown = onAlarm;
    onAlarm = null;
    raise(thrown);
    Due due = new Due(atNanos, order++, turn);
    alarms.add(due);
    return () -> alarms.remove(due);
  }

  @Override
  public boolean isLockStep() {
    return false;
  }

  @Override
  public SecureRandom random() {
    return new SecureRandom() {
      private static final long serialVersionUID = 1L;

      @Override
      public void nextBytes(byte[] bytes) {
        Throwable thrown = onRandom;
        onRandom = null;
        raise(thrown);
        seeded.nextBytes(bytes);
      }
    };
  }

  // ------------------------------------------------------------------------- the socket

  @Override
  public @Nullable InetSocketAddress receive(ByteBuffer into) {
    Throwable thrown = onReceive;
    onReceive = null;
    raise(thrown);
    Came next = inbox.poll();
    if (next == null) {
      return null;
    }
    into.put(next.bytes);
    return next.from;
  }

  @Override
  public boolean send(ByteBuffer data, @Nullable InetSocketAddress to) {
    Throwable thrown = onSend;
    onSend = null;
    raise(thrown);
    sentTo.add(to);
    return true;
  }

  @Override
  public WaitPlace readable() {
    return new WaitPlace() {
      @Override
      public void install(Waiter waiter) {
        Throwable thrown = onInstall;
        onInstall = null;
        raise(thrown);
        reader = waiter;
      }

      @Override
      public boolean uninstall(Waiter waiter) {
        throw new AssertionError("the pump goes on for good");
      }
    };
  }

  @Override
  public WaitPlace writable() {
    return new Latch();
  }

  @Override
  public Exclusive sending() {
    return sending;
  }

  @Override
  public Exclusive receiving() {
    return receiving;
  }

  @Override
  public void bind(InetSocketAddress address) {
    throw new AssertionError("it is bound");
  }

  @Override
  public void connect(InetSocketAddress address) {
    throw new AssertionError("nobody connects it");
  }

  @Override
  public InetSocketAddress localAddress() {
    return MachineLan.address("192.0.2.1", 4433);
  }

  @Override
  public @Nullable InetSocketAddress remoteAddress() {
    return null;
  }

  @Override
  public boolean wasTruncated() {
    return false;
  }

  @Override
  public boolean isReadable() {
    return !inbox.isEmpty();
  }

  @Override
  public void joinGroup(InetAddress group, NetworkInterface on) {
    throw new AssertionError("no multicast");
  }

  @Override
  public void leaveGroup(InetAddress group, NetworkInterface on) {
    throw new AssertionError("no multicast");
  }

  @Override
  public ProtocolFamily family() {
    return StandardProtocolFamily.INET;
  }

  @Override
  public @Nullable SelectorLoop loop() {
    return null;
  }

  @Override
  public <T> @Nullable T getOption(SocketOption<T> option) {
    return null;
  }

  @Override
  public <T> void setOption(SocketOption<T> option, T value) {}

  @Override
  public boolean isClosed() {
    return isClosed;
  }

  @Override
  public void ensureOpen() throws ClosedResourceException {
    if (isClosed) {
      throw new ClosedResourceException("closed");
    }
  }

  @Override
  public void close() {
    isClosed = true;
  }

  @Override
  public Latch released() {
    Latch latch = new Latch();
    latch.open();
    return latch;
  }
}
