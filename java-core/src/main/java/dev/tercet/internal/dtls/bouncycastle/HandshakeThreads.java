package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.internal.dtls.LockStepThreads;
import dev.tercet.internal.dtls.PooledThreads;

/**
 * Where handshake engines run that block their thread. There are two forms, {@link LockStepThreads}
 * and {@link PooledThreads}: in the first, who feeds an engine waits until it wants more, so that
 * nothing ever happens at the same time; in the second, the engine works on, and wakes the driver.
 */
public interface HandshakeThreads {
  /**
   * Starts an engine.
   *
   * @param atEnd told when the body has ended and counts no more
   * @return false when there are as many as there may be
   */
  boolean tryStart(Runnable body, Runnable atEnd);

  /**
   * Whether who gives the turn to an engine waits until it comes back.
   *
   * @return true for lock step
   */
  boolean isLockStep();
}
