package dev.tercet.testing.streams;

import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.SendStream;
import dev.tercet.blocking.StapledStream;
import dev.tercet.testing.internal.LockstepPipe;
import dev.tercet.testing.internal.Pump;
import java.io.IOException;
import java.util.function.Function;

/**
 * Streams that are connected in memory, for testing protocols without a network.
 *
 * <p>The memory pairs have unbounded buffers: a send never waits. The lockstep pairs have none at
 * all: a send waits until its last byte was received.
 */
public final class MemoryStreams {
  private MemoryStreams() {}

  /**
   * Two connected ends of the same kind.
   *
   * @param <S> the type of the ends
   * @param left one end
   * @param right the other end
   */
  public record Pair<S>(S left, S right) {
    /**
     * Wraps both ends.
     *
     * @param <T> the type of the wrapped ends
     * @param wrap called with the left end, then with the right one
     * @return the wrapped pair
     */
    public <T> Pair<T> map(Function<? super S, ? extends T> wrap) {
      T wrappedLeft = wrap.apply(left);
      return new Pair<>(wrappedLeft, wrap.apply(right));
    }
  }

  /**
   * A one-way connection.
   *
   * @param <S> the type of the sending end
   * @param <R> the type of the receiving end
   * @param sendStream the sending end
   * @param receiveStream the receiving end
   */
  public record OneWayPair<S extends SendStream, R extends ReceiveStream>(
      S sendStream, R receiveStream) {}

  /**
   * A one-way connection in memory. What is sent can be received at once: the send hook pumps, and
   * so does the close hook. Replace the hooks to slow it down or to stall it (KIT-M25, KIT-M26).
   *
   * <p>To let one byte through every second, for instance: {@code send.setSendAllHook(() -> { while
   * (MemoryStreams.pump(send, receive, 1)) { Thread.sleep(1000); } })} (KIT-M29).
   *
   * @return the two ends
   */
  public static OneWayPair<MemorySendStream, MemoryReceiveStream> oneWayPair() {
    MemorySendStream send = new MemorySendStream();
    MemoryReceiveStream receive = new MemoryReceiveStream();
    send.setSendAllHook(() -> pump(send, receive, Integer.MAX_VALUE));
    send.setCloseHook(() -> Pump.pumpToTheEnd(send.half, receive.half));
    return new OneWayPair<>(send, receive);
  }

  /**
   * A two-way connection in memory: two one-way ones, whose four ends are all within reach, so that
   * a test can rewire one direction only (KIT-M27).
   *
   * @return the two ends
   */
  public static Pair<StapledStream<MemorySendStream, MemoryReceiveStream>> pair() {
    var toRight = oneWayPair();
    var toLeft = oneWayPair();
    return new Pair<>(
        StapledStream.of(toRight.sendStream(), toLeft.receiveStream()),
        StapledStream.of(toLeft.sendStream(), toRight.receiveStream()));
  }

  /**
   * A one-way connection without any buffer (KIT-L1 to L9). A send waits until its last byte was
   * received; {@code waitSendAllMightNotBlock} waits until somebody is receiving. Interrupting a
   * send takes the unread bytes back, and the stream stays usable.
   *
   * @return the two ends
   */
  public static OneWayPair<SendStream, ReceiveStream> lockstepOneWayPair() {
    LockstepPipe pipe = new LockstepPipe();
    return new OneWayPair<>(new LockstepSendStream(pipe), new LockstepReceiveStream(pipe));
  }

  /**
   * A two-way connection without any buffer: two of {@link #lockstepOneWayPair()}.
   *
   * @return the two ends
   */
  public static Pair<StapledStream<SendStream, ReceiveStream>> lockstepPair() {
    var toRight = lockstepOneWayPair();
    var toLeft = lockstepOneWayPair();
    return new Pair<>(
        StapledStream.of(toRight.sendStream(), toLeft.receiveStream()),
        StapledStream.of(toLeft.sendStream(), toRight.receiveStream()));
  }

  /**
   * Moves bytes from where they were sent to where they can be received; or, when {@code from} is
   * closed and drained, the end. Does not wait.
   *
   * <p><i>Errors:</i> {@link dev.tercet.BrokenResourceException} when {@code to} is closed; the
   * bytes are gone (KIT-M22). {@link IllegalArgumentException} for {@code maxBytes} below 1.
   *
   * <p><i>Interruption:</i> not affected by it.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param from where bytes are sent
   * @param to where they are received
   * @param maxBytes how many at most, 1 or more
   * @return true when bytes or the end moved, false when {@code from} is open and empty
   * @throws IOException when {@code to} is closed
   */
  public static boolean pump(MemorySendStream from, MemoryReceiveStream to, int maxBytes)
      throws IOException {
    return Pump.pump(from.half, to.half, maxBytes);
  }
}
