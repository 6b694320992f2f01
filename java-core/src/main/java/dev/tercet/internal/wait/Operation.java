package dev.tercet.internal.wait;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operation of a protocol, in steps that never wait. Each step says what the operation needs; a
 * driver meets the need, and asks again. The driver is one loop in each language, and it knows no
 * protocol:
 *
 * <pre>
 * repeat
 *   meet operation.next(), until it is DONE
 *   if that was cancelled: operation.cancelled(e), wait for operation.closing(), throw e
 *   if that has failed: throw e unless operation.failed(e)
 * </pre>
 *
 * <p><b>The problem.</b> The same protocol is driven by threads that block, by coroutines that
 * suspend, and by a race of connects that does neither. What is done in which order, and what a
 * failure in between means, belongs to the protocol. Written into the drivers it is written three
 * times.
 *
 * <p><b>The strategy.</b> All of it is in the operation. A need is data: the driver learns where to
 * wait, what to send, how long a part may take. The operation learns how it went by the next call:
 * of {@link #next} when the need was met, of {@link #failed} when it was not, of {@link #cancelled}
 * when the caller has been cancelled. An operation that holds something while a need is met (a
 * turn, a buffer) gives it back in whichever of the three is called.
 *
 * <p><i>Thread-safety:</i> one driver at a time.
 */
public abstract class Operation {
  /** What a step needs. */
  public enum Need {
    /** Nothing: the operation is over. */
    DONE,

    /** All of {@link #output} must reach the transport. */
    SEND,

    /** The transport must have room for a send. */
    WRITABLE,

    /** Bytes from the transport, at most {@link #receiveBytes}, or its end: {@link #received}. */
    RECEIVE,

    /** The same, into the {@link #room} that there is: {@link #filled}. */
    FILL,

    /** {@link #compute} must be called; it may take long, and does not wait. */
    COMPUTE,

    /** Something must happen at the {@link #place}. */
    WAIT,

    /** The user must be asked, as the driver was told when it was made. */
    ASK,

    /** The {@link #part} must be driven to its end, within the {@link #limit}: {@link #ended}. */
    WITHIN,

    /** The transport must be closed forcefully. */
    ABANDON,

    /** All that is {@link #closing} must be released. A cancellation does not end this wait. */
    RELEASE
  }

  /** How much is asked of a transport at a time, if nothing else is known. */
  protected static final int RECEIVE_BYTES = 65_536;

  /** Makes one that has not begun. */
  protected Operation() {}

  /**
   * Takes a step. What was needed before has been met.
   *
   * @throws IOException when the operation has failed; {@link #failed} is to be called with it
   */
  public abstract Need next() throws IOException;

  /**
   * What was needed could not be met.
   *
   * @param e why, or what {@link #next} has thrown
   * @return true when the operation goes on; false when it is over, and {@code e} is its outcome
   */
  public abstract boolean failed(Throwable e);

  /**
   * The caller was cancelled while a need was being met. The operation is over.
   *
   * @param e what the caller will get
   */
  public abstract void cancelled(Throwable e);

  /**
   * What is to be sent.
   *
   * @return owned by the driver until the next call
   */
  public ByteBuffer output() {
    throw new IllegalStateException("nothing is to be sent");
  }

  /**
   * How much is to be received at most.
   *
   * @return 1 or more
   */
  public int receiveBytes() {
    return RECEIVE_BYTES;
  }

  /**
   * Takes in what was received.
   *
   * @param bytes owned by the operation from now on; none for the end
   * @throws IOException when nobody is there for it any more
   */
  public void received(byte[] bytes) throws IOException {
    throw new IllegalStateException("nothing is to be received");
  }

  /**
   * Where to receive into.
   *
   * @return with room for at least one byte
   */
  public ByteBuffer room() {
    throw new IllegalStateException("nothing is to be filled");
  }

  /**
   * The room was filled.
   *
   * @param count how many bytes were received; negative for the end
   * @throws IOException when nobody is there for it any more
   */
  public void filled(int count) throws IOException {
    throw new IllegalStateException("nothing is to be filled");
  }

  /**
   * Computes.
   *
   * @throws IOException when that has failed
   */
  public void compute() throws IOException {
    throw new IllegalStateException("nothing is to be computed");
  }

  /**
   * Where to wait.
   *
   * @return a place for one waiter; who is woken takes the next step
   */
  public WaitPlace place() {
    throw new IllegalStateException("nothing is to be waited for");
  }

  /**
   * What is to be done next, as an operation of its own.
   *
   * @return not begun yet
   */
  public Operation part() {
    throw new IllegalStateException("there is no part");
  }

  /**
   * How long the part may take.
   *
   * @return null for as long as it takes
   */
  public @Nullable Duration limit() {
    return null;
  }

  /**
   * The part is over.
   *
   * @param expired whether its time was over first
   */
  public void ended(boolean expired) {
    throw new IllegalStateException("there is no part");
  }

  /**
   * What was closed and is not released yet: it may still send. The driver waits for it when that
   * is needed, and after {@link #cancelled}, for a bounded time.
   *
   * @return latches that open
   */
  public List<Latch> closing() {
    return List.of();
  }

  /**
   * Whether this is a part that is done for the peer's sake, or to explain a failure better. A
   * driver that has no time to wait may let its limit expire at once.
   *
   * @return false when the outcome depends on it
   */
  public boolean isCourtesy() {
    return false;
  }
}
