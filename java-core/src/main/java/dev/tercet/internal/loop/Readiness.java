package dev.tercet.internal.loop;

import dev.tercet.internal.log.Log;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.internal.wait.Waiter;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for one channel, and how its close reaches them. {@code docs/loop.md} is the protocol;
 * this is its code.
 *
 * <p><b>The problem.</b> A waiter is installed and taken out on any thread, readiness arrives on
 * the loop's, the close comes from anywhere. Each waiter must be woken at most once, none may sleep
 * through an event, and the selector must not spin on an event that nobody wants.
 *
 * <p><b>What NIO does.</b> Interest can be changed from any thread, but has no effect on a
 * selection in progress without a wake-up. Readiness is level-triggered: interest that stays on
 * while nobody reads makes {@code select} return at once, for ever. A cancelled key cannot be
 * registered again before the next selection. A closed channel that is registered keeps its
 * descriptor and its port until the next selection, and its waiters get no event.
 *
 * <p><b>The strategy.</b> One atomic cell per direction with five values: IDLE, ARMED, a waiter, a
 * {@link PrivatePoll}, CLOSED. Interest is touched by the loop's thread only. An event that finds a
 * waiter takes it out and leaves the cell ARMED with interest on, so that the usual next wait costs
 * one CAS and no system call; an event that finds nobody turns interest off and makes the cell
 * IDLE, in one step. The invariant: <em>ARMED or waiter means interest is on, or an arm task is
 * queued.</em> A separate "armed" flag beside a waiter slot loses wake-ups; one cell cannot.
 *
 * <p>Connecting is the exception: OP_CONNECT and OP_WRITE are the same poll event, and interest in
 * the one of the two that does not fit the state of the channel wakes the selector without any
 * ready operation, again and again. So a connect event leaves the cell IDLE, interest off; and when
 * a connect begins, a cell that was left ARMED for writing becomes IDLE, so that the wait for the
 * connect says anew what it is interested in.
 *
 * <p><b>What we do not do.</b> Keys are never cancelled but by closing the channel. A channel that
 * somebody closes behind our back is noticed at the next wait, not in the middle of one.
 *
 * <pre>
 * input          IDLE                 ARMED                WAIT(w)                      POLL                CLOSED
 * install(x)     WAIT(x), post arm    WAIT(x)              Busy                         Busy                wake x
 * event          interest off         IDLE, interest off   ARMED, wake w                interest off        -
 * event, connect interest off         IDLE, interest off   IDLE, interest off, wake w   interest off        -
 * uninstall(w)   -                    -                    ARMED if it is our w         -                   -
 * arm            skip                 interest on          interest on                  interest off        skip
 * enter          POLL                 POLL                 Busy                         Busy                false
 * leave          -                    -                    -                            IDLE                false
 * close          CLOSED               CLOSED               CLOSED, wake w               CLOSED, wake it     -
 * </pre>
 */
public final class Readiness implements Runnable {
  private static final Log LOG = Log.of("dev.tercet.loop");

  final SelectorLoop loop;
  final SelectableChannel channel;
  private final ReadinessCell read;
  private final ReadinessCell write;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Latch reaped = new Latch();

  /** Guarded by {@link #reaped}. */
  private int holders;

  /** A system call is under way that the channel knows nothing of. Guarded by {@link #reaped}. */
  private boolean held;

  /** What remains of a close when the channel is held no longer. Guarded by {@link #reaped}. */
  private @Nullable Latch putOff;

  /**
   * Set before the first waiter goes in and never cleared: a channel that nobody has waited for is
   * not registered, and its close frees the descriptor at once.
   */
  volatile boolean everInstalled;

  /** Loop thread only. */
  private @Nullable SelectionKey key;

  /**
   * Makes the readiness of a channel. Registers nothing: a connection that never waits costs no
   * system call.
   *
   * @param loop the loop that the channel belongs to, for all its life
   * @param channel in non-blocking mode
   */
  public Readiness(SelectorLoop loop, SelectableChannel channel) {
    this.loop = loop;
    this.channel = channel;
    boolean accepts = (channel.validOps() & SelectionKey.OP_ACCEPT) != 0;
    this.read = new ReadinessCell(this, accepts ? SelectionKey.OP_ACCEPT : SelectionKey.OP_READ);
    this.write = new ReadinessCell(this, SelectionKey.OP_WRITE);
  }

  /**
   * Checks a channel that is to be taken over.
   *
   * @param channel anybody's
   * @throws IllegalArgumentException when it is registered with a selector or closed
   */
  public static void requireFree(SelectableChannel channel) {
    if (channel.isRegistered() || !channel.isOpen()) {
      throw new IllegalArgumentException(
          channel.isOpen()
              ? "the channel is registered with a selector of somebody else's"
              : "the channel is closed");
    }
  }

  /** The loop that the channel belongs to. */
  public SelectorLoop loop() {
    return loop;
  }

  /**
   * Where to wait for bytes to read or connections to accept.
   *
   * @return the read cell
   */
  public WaitPlace readable() {
    return read;
  }

  /** Where to wait for room to write, or for a connect to finish. */
  public WaitPlace writable() {
    return write;
  }

  /**
   * Says whether {@link #writable} now waits for a connect to finish. Called by the task that
   * connects, while nobody waits there.
   *
   * @param connecting true before the connect, false when it is finished
   */
  public void setConnecting(boolean connecting) {
    int op = connecting ? SelectionKey.OP_CONNECT : SelectionKey.OP_WRITE;
    if (write.op != op) {
      write.op = op;
      // Interest, if it is on, is in the other one. The next wait must post its arm task.
      write.compareAndSet(ReadinessCell.ARMED, ReadinessCell.IDLE);
    }
  }

  /**
   * Whether {@link #close} was called.
   *
   * @return true from the first call on
   */
  public boolean isClosed() {
    return closed.get();
  }

  /**
   * Closes the channel here and now and wakes everybody who waits for it. Never blocks, never
   * throws; any thread.
   *
   * @return false when it was closed already
   */
  public boolean close() {
    if (!closed.compareAndSet(false, true)) {
      return false;
    }
    Object reader = read.getAndSet(ReadinessCell.CLOSED);
    Object writer = write.getAndSet(ReadinessCell.CLOSED);
    Latch unregistered = reaped;
    int inside = read.closePoll(reader) + write.closePoll(writer);
    if (inside > 0) {
      // Their selectors hold the descriptor, too, until they have left.
      holders(1 + inside);
      unregistered = new Latch();
      unregistered.install(() -> holders(-1));
    }
    if (isPutOff(unregistered)) {
      if (everInstalled) {
        // Interest off: the selector must not spin meanwhile.
        boolean unused = loop.runOrPost(this);
      }
    } else {
      closeChannel(unregistered);
    }
    wake(reader);
    wake(writer);
    return true;
  }

  private void closeChannel(Latch unregistered) {
    try {
      channel.close();
    } catch (Throwable e) {
      // The descriptor is gone all the same; there is nobody who could do anything about it.
      LOG.debug("closing ", channel, ": ", e);
    }
    if (everInstalled) {
      loop.reapNextSelection(unregistered);
    } else {
      // Not registered: the loop holds nothing.
      unregistered.open();
    }
  }

  /**
   * Keeps the descriptor until {@link #release}: a close that comes meanwhile wakes everybody who
   * waits, and frees the descriptor only then. For a system call that the channel knows nothing of.
   *
   * @return false when the channel is closed
   */
  public boolean hold() {
    synchronized (reaped) {
      if (closed.get()) {
        return false;
      }
      held = true;
      return true;
    }
  }

  /** Ends what {@link #hold} has begun, and closes the channel if that was put off. */
  public void release() {
    Latch unregistered;
    synchronized (reaped) {
      held = false;
      unregistered = putOff;
      putOff = null;
    }
    if (unregistered != null) {
      closeChannel(unregistered);
    }
  }

  private boolean isPutOff(Latch unregistered) {
    synchronized (reaped) {
      if (held) {
        putOff = unregistered;
      }
      return held;
    }
  }

  /** Counts those who hold the descriptor; some may have left before the close has counted them. */
  void holders(int more) {
    synchronized (reaped) {
      holders += more;
      if (holders != 0) {
        return;
      }
    }
    reaped.open();
  }

  /** Guarded, each for itself: who fails to be woken must not keep the other asleep for ever. */
  private void wake(Object state) {
    if (state instanceof Waiter waiter) {
      try {
        waiter.wake();
      } catch (Throwable e) {
        LOG.error(e, "closing ", channel, ": a waiter failed");
      }
    }
  }

  /**
   * Where to wait, after {@link #close}, until the descriptor is freed and the port given back.
   *
   * @return a latch that opens one turn of the loop after the close
   */
  public Latch reaped() {
    return reaped;
  }

  /** The arm task: makes interest what the cells say. Loop thread only. */
  @Override
  public void run() {
    if (closed.get()) {
      interestOff(~0);
      return;
    }
    if (loop.isClosing()) {
      close();
      return;
    }
    try {
      int interest = (read.wantsEvents() ? read.op : 0) | (write.wantsEvents() ? write.op : 0);
      SelectionKey key = this.key;
      if (key == null) {
        this.key = key = channel.register(loop.selector(), interest, this);
        if (closed.get()) {
          // The close ran while we registered and may have missed the new key.
          key.cancel();
        }
      } else {
        key.interestOps(interest);
      }
    } catch (ClosedChannelException | CancelledKeyException | ClosedSelectorException e) {
      // Closed behind our back, by whoever else holds the channel. Waiters must not hang.
      close();
    } catch (RuntimeException | Error e) {
      // Somebody has made it blocking, for instance. A channel that cannot be waited for is of no
      // use, and its waiters must not hang.
      LOG.warning(e, "cannot wait for ", channel, "; closing it");
      close();
    }
  }

  /** The loop has got another selector. Loop thread only. */
  void register() {
    key = null;
    run();
  }

  /**
   * Events have arrived. Loop thread only; may run the code of waiting coroutines in place.
   *
   * @param readyOps what the channel is ready for
   */
  void onEvents(int readyOps) {
    if ((readyOps & read.op) != 0) {
      read.onEvent();
    }
    if ((readyOps & ReadinessCell.WRITE_OPS) != 0) {
      write.onEvent();
    }
  }

  /**
   * How many wait here.
   *
   * @return 0, 1 or 2
   */
  int waiters() {
    return (read.get() instanceof Waiter ? 1 : 0) + (write.get() instanceof Waiter ? 1 : 0);
  }

  void interestOff(int op) {
    SelectionKey key = this.key;
    if (key != null) {
      try {
        key.interestOpsAnd(~op);
      } catch (CancelledKeyException e) {
        // Being closed: interest is off for good.
      }
    }
  }

  @Override
  public String toString() {
    return "Readiness(" + channel + ", read " + read.get() + ", write " + write.get() + ")";
  }
}
