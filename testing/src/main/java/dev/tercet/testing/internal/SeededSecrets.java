package dev.tercet.testing.internal;

import java.security.SecureRandom;
import java.security.SecureRandomSpi;

/** Randomness that is not random: the same bytes from the same seed. For simulations only. */
public final class SeededSecrets extends SecureRandom {
  private static final long serialVersionUID = 1L;

  /** Makes one. */
  public SeededSecrets(long seed, long stream) {
    super(new Source(new SplitMix64(seed ^ (stream * 0x9E37_79B9_7F4A_7C15L))), null);
  }

  private static final class Source extends SecureRandomSpi {
    private static final long serialVersionUID = 1L;

    private final transient SplitMix64 random;

    Source(SplitMix64 random) {
      this.random = random;
    }

    @Override
    protected void engineSetSeed(byte[] seed) {}

    @Override
    protected void engineNextBytes(byte[] bytes) {
      System.arraycopy(random.nextBytes(bytes.length), 0, bytes, 0, bytes.length);
    }

    @Override
    protected byte[] engineGenerateSeed(int bytes) {
      throw new UnsupportedOperationException("a simulation has one seed");
    }
  }
}
