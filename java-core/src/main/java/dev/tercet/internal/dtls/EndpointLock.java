package dev.tercet.internal.dtls;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The lock of an endpoint, which engines in lock step must not take.
 *
 * <p>In a simulation the driver holds it, and waits, while an engine works. If what users have put
 * into the engine, a trust manager say, asked something of an endpoint, both would wait for ever.
 */
final class EndpointLock extends ReentrantLock {
  private static final long serialVersionUID = 1L;

  @Override
  public void lock() {
    if (Thread.currentThread() instanceof LockStepThreads.EngineThread) {
      throw new IllegalStateException(
          "a DTLS endpoint was called from within a handshake of a simulation, by a trust manager,"
              + " a key manager or a choice of identities; all endpoints stand still until that is"
              + " over");
    }
    super.lock();
  }
}
