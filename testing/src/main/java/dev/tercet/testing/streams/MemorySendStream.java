package dev.tercet.testing.streams;

import dev.tercet.blocking.SendStream;
import dev.tercet.internal.wait.Parking;
import dev.tercet.testing.internal.SendHalf;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A send stream that keeps what is sent in memory, for a test to look at: {@link #getData}. The
 * buffer is unbounded.
 *
 * <p>Three hooks let a test take part. They can be replaced at any moment and run on the caller's
 * thread without a lock. The send hook runs when the bytes are already in the buffer, so it may
 * take them out (KIT-M12). To simulate a peer that does not read, let the send hook wait.
 *
 * <p>The suspending twin is {@code dev.tercet.coroutines.testing.MemorySendStream}.
 */
public final class MemorySendStream implements SendStream {
  final SendHalf half = new SendHalf();
  private volatile @Nullable IoHook sendAllHook;
  private volatile @Nullable IoHook waitSendAllHook;
  private volatile @Nullable Runnable closeHook;

  /** Makes one without hooks. */
  public MemorySendStream() {}

  /**
   * Makes one with hooks.
   *
   * @param sendAllHook run by each {@code sendAll} after the bytes were put in; null for none
   * @param waitSendAllHook run by each {@code waitSendAllMightNotBlock}; null for none
   * @param closeHook run by each close, the second one too; null for none
   */
  public MemorySendStream(
      @Nullable IoHook sendAllHook,
      @Nullable IoHook waitSendAllHook,
      @Nullable Runnable closeHook) {
    this.sendAllHook = sendAllHook;
    this.waitSendAllHook = waitSendAllHook;
    this.closeHook = closeHook;
  }

  /**
   * What {@code sendAll} runs.
   *
   * @return the hook, null when there is none
   */
  public @Nullable IoHook sendAllHook() {
    return sendAllHook;
  }

  /**
   * Replaces what {@code sendAll} runs.
   *
   * @param hook null for none: the bytes then stay here, as on a stalled link (KIT-M26)
   */
  public void setSendAllHook(@Nullable IoHook hook) {
    sendAllHook = hook;
  }

  /**
   * What {@code waitSendAllMightNotBlock} runs.
   *
   * @return the hook, null when there is none
   */
  public @Nullable IoHook waitSendAllHook() {
    return waitSendAllHook;
  }

  /**
   * Replaces what {@code waitSendAllMightNotBlock} runs.
   *
   * @param hook null for none: it then returns at once
   */
  public void setWaitSendAllHook(@Nullable IoHook hook) {
    waitSendAllHook = hook;
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

  /**
   * {@inheritDoc}
   *
   * <p>Here: puts the bytes into the buffer, then runs the hook. What the hook throws comes out,
   * and the bytes stay in the buffer (KIT-M1, KIT-M13).
   */
  @Override
  public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
    half.sending().enter();
    try {
      Parking.checkpoint();
      half.put(data);
      HookRun.run(sendAllHook, half.closed());
    } finally {
      half.sending().exit();
    }
  }

  @Override
  public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
    half.sending().enter();
    try {
      Parking.checkpoint();
      half.checkOpen();
      HookRun.run(waitSendAllHook, half.closed());
    } finally {
      half.sending().exit();
    }
  }

  /**
   * Takes what was sent, waiting until there is something; see {@link #getData(int)}.
   *
   * @return all bytes that are there, or an empty array when this is closed and drained
   * @throws InterruptedException when interrupted before or while waiting
   */
  public byte[] getData() throws InterruptedException {
    return getData(Integer.MAX_VALUE);
  }

  /**
   * Takes what was sent, waiting until there is something. After a close the rest comes out, then
   * empty arrays, for ever (KIT-M8, KIT-M9).
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} for {@code maxBytes} below 1; {@link
   * dev.tercet.BusyResourceException} when another thread is getting data (KIT-M11).
   *
   * <p><i>Interruption:</i> no effect.
   *
   * <p><i>Thread-safety:</i> one thread at a time; sending concurrently is fine.
   *
   * @param maxBytes how many at most, 1 or more
   * @return at least one byte, or an empty array when this is closed and drained
   * @throws InterruptedException when interrupted before or while waiting
   */
  public byte[] getData(int maxBytes) throws InterruptedException {
    SendHalf.checkMaxBytes(maxBytes);
    half.taking().enter();
    try {
      Parking.checkpoint();
      while (!half.isTakeable()) {
        Parking.await(half.takeable());
      }
      return half.takeNow(maxBytes);
    } finally {
      half.taking().exit();
    }
  }

  /**
   * Takes what was sent, without waiting; see {@link #getDataNow(int)}.
   *
   * @return all bytes that are there, or an empty array when this is closed and drained
   */
  public byte[] getDataNow() {
    return getDataNow(Integer.MAX_VALUE);
  }

  /**
   * Takes what was sent, without waiting (KIT-M10).
   *
   * <p><i>Errors:</i> {@link dev.tercet.WouldBlockException} when this is open and empty; {@link
   * IllegalArgumentException} for {@code maxBytes} below 1.
   *
   * <p><i>Interruption:</i> not affected by it.
   *
   * <p><i>Thread-safety:</i> any thread.
   *
   * @param maxBytes how many at most, 1 or more
   * @return at least one byte, or an empty array when this is closed and drained
   */
  public byte[] getDataNow(int maxBytes) {
    return half.takeNow(maxBytes);
  }

  @Override
  public void close() {
    closeForcefully();
    Parking.throwIfExpired();
  }

  /**
   * {@inheritDoc}
   *
   * <p>Runs the close hook at every call (KIT-M6); what the hook throws comes out.
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
