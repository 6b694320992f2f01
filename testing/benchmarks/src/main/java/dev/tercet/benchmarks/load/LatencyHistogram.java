package dev.tercet.benchmarks.load;

/**
 * Counts durations in buckets that are at most a 32nd wide, so that a percentile costs no memory
 * per operation and is right within 3 %.
 */
public final class LatencyHistogram {
  private static final int SUB_BITS = 5;
  private static final int SUB_BUCKETS = 1 << SUB_BITS;

  private final long[] counts = new long[(64 - SUB_BITS) * SUB_BUCKETS];
  private long total;

  /** Makes an empty one. */
  public LatencyHistogram() {}

  /**
   * Counts a duration.
   *
   * @param nanos not negative
   */
  public void add(long nanos) {
    counts[bucket(nanos)]++;
    total++;
  }

  /**
   * The duration that so many of the durations do not exceed.
   *
   * @param fraction 0 to 1
   * @return the lower end of the bucket in which it lies, in nanoseconds; 0 when there are none
   */
  public long percentile(double fraction) {
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException("a fraction is 0 to 1: " + fraction);
    }
    long wanted = Math.max(1, (long) Math.ceil(fraction * total));
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= wanted) {
        return lowerEnd(i);
      }
    }
    return 0;
  }

  private static int bucket(long nanos) {
    if (nanos < SUB_BUCKETS) {
      return (int) nanos;
    }
    int exponent = 63 - Long.numberOfLeadingZeros(nanos) - SUB_BITS;
    return (exponent + 1) * SUB_BUCKETS + (int) (nanos >>> exponent) - SUB_BUCKETS;
  }

  private static long lowerEnd(int bucket) {
    if (bucket < SUB_BUCKETS) {
      return bucket;
    }
    int exponent = bucket / SUB_BUCKETS - 1;
    return (long) (bucket % SUB_BUCKETS + SUB_BUCKETS) << exponent;
  }
}
