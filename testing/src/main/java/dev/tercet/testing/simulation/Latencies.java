package dev.tercet.testing.simulation;

import dev.tercet.internal.text.Durations;
import dev.tercet.internal.wait.WaitNanos;
import dev.tercet.proto.AddressKey;
import dev.tercet.testing.internal.SplitMix64;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How long things are on their way. Each direction of a way between two addresses has its own
 * random numbers (KIT-R3), so that more traffic elsewhere does not change what happens here.
 */
final class Latencies {
  private record Range(long minNanos, long maxNanos) {}

  private record Way(AddressKey from, AddressKey to) {}

  private final long seed;

  /** Guarded by this, as is everything below. */
  private final Map<AddressKey, Range> byHost = new HashMap<>();

  private final Map<Way, SplitMix64> jitter = new HashMap<>();
  private Range everywhere = new Range(0, 0);

  Latencies(long seed) {
    this.seed = seed;
  }

  /** For ways from and to a host; null for all other hosts. */
  synchronized void set(@Nullable InetAddress host, Duration min, Duration max) {
    if (min.isNegative() || max.compareTo(min) < 0) {
      throw new IllegalArgumentException(
          "a latency is 0 or more, and not less at most than at least: "
              + Durations.text(min)
              + " to "
              + Durations.text(max));
    }
    Range range = new Range(WaitNanos.of(min), WaitNanos.of(max));
    if (host == null) {
      everywhere = range;
    } else {
      byHost.put(AddressKey.of(host), range);
    }
  }

  /** How long the next thing takes. */
  synchronized long next(InetAddress from, InetAddress to) {
    Way way = new Way(AddressKey.of(from), AddressKey.of(to));
    Range there = byHost.get(way.to);
    Range range = there != null ? there : byHost.getOrDefault(way.from, everywhere);
    long spread = range.maxNanos - range.minNanos;
    if (spread == 0) {
      return range.minNanos;
    }
    long random = jitter.computeIfAbsent(way, this::numbers).nextLong() >>> 1;
    return range.minNanos + random % (spread + 1);
  }

  private SplitMix64 numbers(Way way) {
    // Not hashCode of the record: it is not specified.
    long mixed = seed;
    for (byte b : way.from.address().getAddress()) {
      mixed = new SplitMix64(mixed ^ b).nextLong();
    }
    for (byte b : way.to.address().getAddress()) {
      mixed = new SplitMix64(mixed ^ b).nextLong();
    }
    return new SplitMix64(mixed);
  }
}
