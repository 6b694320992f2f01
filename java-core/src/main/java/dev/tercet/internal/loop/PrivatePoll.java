package dev.tercet.internal.loop;

import dev.tercet.internal.log.Log;
import dev.tercet.internal.wait.Poll;
import dev.tercet.internal.wait.Scope;
import dev.tercet.internal.wait.Waiter;
import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A selector of one direction of one channel, in which the platform thread that waits there sleeps.
 *
 * <p><b>The problem.</b> A thread that parks until the event loop wakes it costs two switches of
 * threads and two calls of the kernel's more than one that sleeps in a read of {@code
 * java.net.Socket}. But a thread in a blocking read cannot be interrupted without closing the
 * channel.
 *
 * <p><b>What NIO does.</b> A thread in {@code select} can: an interrupt ends the selection, and
 * leaves the channel as it is. A channel may be registered with several selectors. It keeps its
 * descriptor, after its close, until each of them has selected again or is closed.
 *
 * <p><b>The strategy.</b> The direction's cell holds this object while a thread is inside, so that
 * everything else is as it is for any {@link Waiter}: a second one is Busy, a close wakes it.
 * Whoever takes it out of the cell owns the selector: a thread that leaves and finds the cell
 * closed closes it, and a close that finds nobody inside does so itself. So a close never waits for
 * a selection to end.
 *
 * <p><b>What we do not do.</b> No selector per thread: it would keep the descriptors of channels
 * that were closed elsewhere until that thread selects again, which may be never. None for virtual
 * threads, whose carrier would be held. None for a direction that waits seldom: a selector is two
 * descriptors and some kilobytes, so the first waits are the loop's.
 */
final class PrivatePoll implements Poll, Consumer<SelectionKey> {
  private static final Log LOG = Log.of("dev.tercet.loop");

  private final ReadinessCell cell;
  private final SelectableChannel channel;
  private final Selector selector;
  private final SelectionKey key;

  /** Only the thread that is inside. */
  private boolean ready;

  private PrivatePoll(ReadinessCell cell, SelectableChannel channel, Selector selector, int op)
      throws IOException {
    this.cell = cell;
    this.channel = channel;
    this.selector = selector;
    this.key = channel.register(selector, op);
  }

  /**
   * Opens one.
   *
   * @param channel open
   * @return null when it cannot be had, for want of descriptors for instance
   */
  static @Nullable PrivatePoll open(ReadinessCell cell, SelectableChannel channel) {
    Selector selector = null;
    try {
      selector = Selector.open();
      return new PrivatePoll(cell, channel, selector, cell.op);
    } catch (IOException | RuntimeException | Error e) {
      LOG.debug("no selector for ", channel, " alone: ", e);
      if (selector != null) {
        close(selector);
      }
      return null;
    }
  }

  @Override
  public boolean enter() {
    if (!cell.enter(this)) {
      // The close may have come before this object could be seen.
      close();
      return false;
    }
    ready = false;
    return true;
  }

  @Override
  public boolean sleep(long nanos) {
    try {
      if (key.interestOps() != cell.op) {
        key.interestOps(cell.op);
      }
      if (nanos == Scope.NEVER) {
        selector.select(this);
      } else {
        // Rounded up: a deadline must not be early.
        selector.select(this, TimeUnit.NANOSECONDS.toMillis(nanos - 1) + 1);
      }
      return ready || cell.isClosed();
    } catch (CancelledKeyException e) {
      // Closed, by us or behind our back.
      cell.closeAll();
      return true;
    } catch (IOException e) {
      LOG.warning(e, "cannot wait for ", channel, "; closing it");
      cell.closeAll();
      return true;
    }
  }

  /** Called by the selection. */
  @Override
  public void accept(SelectionKey key) {
    ready = true;
  }

  @Override
  public void leave() {
    if (!cell.leave(this)) {
      close();
      cell.left();
    }
  }

  @Override
  public void wake() {
    selector.wakeup();
  }

  /** Gives the descriptors back. Only when nobody is inside. */
  void close() {
    close(selector);
  }

  private static void close(Selector selector) {
    try {
      selector.close();
    } catch (IOException e) {
      LOG.debug("closing a selector: ", e);
    }
  }

  @Override
  public String toString() {
    return "POLL";
  }
}
