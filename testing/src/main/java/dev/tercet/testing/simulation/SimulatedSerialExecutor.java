package dev.tercet.testing.simulation;

import dev.tercet.internal.net.SerialExecutor;
import dev.tercet.testing.internal.SeededSecrets;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The turns of a simulated socket are events of its network.
 *
 * @param time whose events they are
 * @param seed of the network
 * @param socket its number there, so that each has other secrets
 */
record SimulatedSerialExecutor(VirtualTime time, long seed, int socket) implements SerialExecutor {
  @Override
  public long nanoTime() {
    return time.nanoTime();
  }

  @Override
  public boolean run(Runnable turn) {
    time.schedule(time.nanoTime(), turn);
    return true;
  }

  @Override
  public Alarm at(long atNanos, Runnable turn) {
    AtomicBoolean isDue = new AtomicBoolean(true);
    time.schedule(
        atNanos,
        () -> {
          if (isDue.getAndSet(false)) {
            turn.run();
          }
        });
    return () -> isDue.set(false);
  }

  @Override
  public boolean isLockStep() {
    return true;
  }

  @Override
  public SecureRandom random() {
    return new SeededSecrets(seed, socket);
  }
}
