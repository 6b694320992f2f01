package dev.tercet.internal.dtls;

import dev.tercet.ClosedResourceException;
import dev.tercet.internal.net.NonBlockingDatagram;
import dev.tercet.internal.net.Scratch;
import dev.tercet.internal.net.SerialExecutor;
import dev.tercet.internal.wait.Waiter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Reads the datagrams of an endpoint, without a thread and without a task: a waiter in the socket's
 * {@code readable} place that reads when it is woken, in the {@link SerialExecutor} of the socket,
 * and then waits again.
 *
 * <p>In one turn it reads no more than a channel keeps, and lets others run before it goes on: they
 * may be those who take the messages. What nobody takes in time is better in the kernel's buffer
 * than dropped here.
 *
 * <p>An error of the system is about some datagram that was sent, and is ignored (spec DTLS-A11).
 * If there are nothing but errors it takes a pause, so as not to spin. It also does after anything
 * else that is thrown here, memory that cannot be had for instance: a pump that has stopped is an
 * endpoint that is silent for good.
 */
final class EndpointPump implements Waiter {
  /** Fewer than a channel keeps by default. */
  private static final int DATAGRAMS_PER_TURN = 8;

  private static final long PAUSE_NANOS = 100_000_000L;

  private final EndpointCore core;
  private final NonBlockingDatagram socket;
  private final SerialExecutor executor;
  private final Waiter room = new RoomWaiter();

  EndpointPump(EndpointCore core, NonBlockingDatagram socket, SerialExecutor executor) {
    this.core = core;
    this.socket = socket;
    this.executor = executor;
  }

  /** Once. */
  void start() {
    wake();
  }

  /** Who waits in the socket's {@code writable} place. */
  Waiter roomWaiter() {
    return room;
  }

  @Override
  public void wake() {
    if (!executor.run(this::turn)) {
      core.closeQuietly();
    }
  }

  @Override
  public void wakeFromLoop() {
    turn();
  }

  private void turn() {
    try {
      switch (read()) {
        case WAIT -> socket.readable().install(this);
        case GO_ON -> wake();
        case PAUSE -> executor.at(executor.nanoTime() + PAUSE_NANOS, this::turn);
        case END -> core.closeQuietly();
      }
    } catch (RuntimeException | Error e) {
      core.note(e);
      core.settle();
      core.retry(this::turn);
    }
  }

  private enum Next {
    WAIT,
    GO_ON,
    PAUSE,
    END
  }

  private Next read() {
    int errors = 0;
    ByteBuffer buffer = Scratch.take();
    try {
      for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
        try {
          InetSocketAddress from = socket.receive(buffer.clear());
          if (from == null) {
            return Next.WAIT;
          }
          core.received(from, buffer.flip());
        } catch (ClosedResourceException e) {
          return Next.END;
        } catch (IOException e) {
          errors++;
        }
      }
      return errors == DATAGRAMS_PER_TURN ? Next.PAUSE : Next.GO_ON;
    } finally {
      Scratch.giveBack(buffer);
    }
  }

  private final class RoomWaiter implements Waiter {
    @Override
    public void wake() {
      if (!executor.run(core::roomCame)) {
        core.closeQuietly();
      }
    }

    @Override
    public void wakeFromLoop() {
      core.roomCame();
    }
  }
}
