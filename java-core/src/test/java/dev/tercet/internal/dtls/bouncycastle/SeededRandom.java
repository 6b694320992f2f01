package dev.tercet.internal.dtls.bouncycastle;

import java.security.SecureRandom;
import java.security.SecureRandomSpi;
import java.util.Random;

/** Randomness that is not random: the same bytes from the same seed. */
public final class SeededRandom extends SecureRandom {
  private static final long serialVersionUID = 1L;

  public SeededRandom(long seed) {
    super(new Source(seed), null);
  }

  private static final class Source extends SecureRandomSpi {
    private static final long serialVersionUID = 1L;

    private final Random random;

    Source(long seed) {
      random = new Random(seed);
    }

    @Override
    protected void engineSetSeed(byte[] seed) {}

    @Override
    protected void engineNextBytes(byte[] bytes) {
      random.nextBytes(bytes);
    }

    @Override
    protected byte[] engineGenerateSeed(int bytes) {
      throw new UnsupportedOperationException();
    }
  }
}
