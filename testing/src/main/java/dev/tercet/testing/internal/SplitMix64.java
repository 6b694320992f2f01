package dev.tercet.testing.internal;

/**
 * The random numbers of the testing kit: the generator SplitMix64, written out here so that one
 * seed means the same run on every JDK and every version of Kotlin (KIT-R2). The library classes
 * that use it promise no particular sequence.
 *
 * <p>Not thread-safe.
 */
public final class SplitMix64 {
  /** 2^64 divided by the golden ratio: the step of the state. */
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private long state;

  /** Makes one. */
  public SplitMix64(long seed) {
    state = seed;
  }

  /**
   * The next number.
   *
   * @return 64 random bits
   */
  public long nextLong() {
    state += GAMMA;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /**
   * A number out of a range. The slight bias of the remainder is of no matter to a test.
   *
   * @return from {@code from} to {@code to}, both included
   */
  public int nextInt(int from, int to) {
    return from + (int) Long.remainderUnsigned(nextLong(), (long) to - from + 1);
  }

  /**
   * Random bytes.
   *
   * @return a fresh array
   */
  public byte[] nextBytes(int count) {
    byte[] bytes = new byte[count];
    long bits = 0;
    for (int i = 0; i < count; i++) {
      bits = i % Long.BYTES == 0 ? nextLong() : bits >>> Byte.SIZE;
      bytes[i] = (byte) bits;
    }
    return bytes;
  }
}
