package dev.tercet.testing.streams;

import dev.tercet.blocking.ReceiveStream;
import dev.tercet.internal.wait.Parking;
import dev.tercet.testing.internal.ReceiveHalf;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A receive stream whose bytes a test puts in: {@link #putData}, {@link #putEof}. The buffer is
 * unbounded.
 *
 * <p>The hooks can be replaced at any moment and are run on the caller's thread with no lock held.
 * The receive hook runs before the buffer is looked at, so that bytes it puts in are returned by
 * the same call (KIT-M15).
 *
 * <p>The suspending twin is {@code dev.tercet.coroutines.testing.MemoryReceiveStream}.
 */
public final class MemoryReceiveStream implements ReceiveStream {
  final ReceiveHalf half = new ReceiveHalf();
  private volatile @Nullable IoHook receiveSomeHook;
  private volatile @Nullable Runnable closeHook;

  /** Makes one without hooks. */
  public MemoryReceiveStream() {}

  /**
   * Makes one with hooks.
   *
   * @param receiveSomeHook run by each {@code receiveSome} before it looks for bytes; null for none
   * @param closeHook run by each close, the second one too; null for none
   */
  public MemoryReceiveStream(@Nullable IoHook receiveSomeHook, @Nullable Runnable closeHook) {
    this.receiveSomeHook = receiveSomeHook;
    this.closeHook = closeHook;
  }

  /**
   * What {@code receiveSome} runs.
   *
   * @return the hook, null when there is none
   */
  public @Nullable IoHook receiveSomeHook() {
    return receiveSomeHook;
  }

  /**
   * Replaces what {@code receiveSome} runs.
   *
   * @param hook null for none
   */
  public void setReceiveSomeHook(@Nullable IoHook hook) {
    receiveSomeHook = hook;
  }

  /**
   * What a close runs.
   *
   * @return the hook, null when there is none
   */
  public @Nullable Runnable closeHook() {
    return closeHook;
  }

  /**
   * Replaces what a close runs.
   *
   * @param hook null for none
   */
  public void setCloseHook(@Nullable Runnable hook) {
    closeHook = hook;
  }

  @Override
  public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
    ReceiveHalf.checkRoom(into);
    half.receiving().enter();
    try {
      Parking.checkpoint();
      half.checkOpen();
      HookRun.run(receiveSomeHook, half.closed());
      while (true) {
        int count = half.take(into);
        if (count != 0) {
          return count;
        }
        Parking.await(half.receivable());
      }
    } finally {
      half.receiving().exit();
    }
  }

  /**
   * Receives all bytes that are there, however many (KIT-M19); otherwise as {@link
   * #receiveSome(ByteBuffer)}.
   *
   * @return at least one byte, or an empty array at the end
   * @throws IOException when the stream is closed
   * @throws InterruptedException when interrupted before or while waiting
   */
  @Override
  public byte[] receiveSome() throws IOException, InterruptedException {
    half.receiving().enter();
    try {
      Parking.checkpoint();
      half.checkOpen();
      HookRun.run(receiveSomeHook, half.closed());
      while (true) {
        byte[] bytes = half.takeAll();
        if (bytes != null) {
          return bytes;
        }
        Parking.await(half.receivable());
      }
    } finally {
      half.receiving().exit();
    }
  }

  /**
   * Puts bytes in, for a receiver to get.
   *
   * <p><i>Errors:</i> {@link dev.tercet.ClosedResourceException} after {@link #putEof} or a close.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param data copied
   * @throws IOException when this is closed
   */
  public void putData(byte[] data) throws IOException {
    half.put(ByteBuffer.wrap(data));
  }

  /**
   * Puts the end in: a receiver gets what is left, then the end, for ever. Idempotent (KIT-M17).
   *
   * <p><i>Errors:</i> none.
   *
   * <p><i>Interruption:</i> not affected by it; does not wait.
   *
   * <p><i>Thread-safety:</i> any thread.
   */
  public void putEof() {
    half.putEof();
  }

  @Override
  public void close() {
    closeForcefully();
    Parking.throwIfExpired();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Discards what was not received, then runs the close hook, at every call (KIT-M18); what the
   * hook throws comes out.
   */
  @Override
  public void closeForcefully() {
    half.close();
    Runnable hook = closeHook;
    if (hook != null) {
      hook.run();
    }
  }
}
