package dev.tercet.proto.dtls;

import dev.tercet.proto.AddressKey;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The last ClientHello of each address whose association is over, for as long as its cookie is
 * good. A peer that was refused repeats its ClientHello, and must not be refused by one handler
 * after the other.
 *
 * <p>Not thread-safe; the caller holds the endpoint's lock.
 */
final class PastHellos {
  /** Some 300 bytes each. The oldest goes first. */
  private static final int MAX = 1024;

  private final Map<AddressKey, Past> byAddress = new LinkedHashMap<>();

  private record Past(ClientHello hello, long untilNanos) {}

  void add(AddressKey address, ClientHello hello, long acceptedNanos) {
    byAddress.remove(address);
    if (byAddress.size() == MAX) {
      byAddress.remove(byAddress.keySet().iterator().next());
    }
    byAddress.put(address, new Past(hello, acceptedNanos + 2 * CookieGate.TICK_NANOS));
  }

  /** Whether this is one of them, or a late one of the same handshake. */
  boolean isOneOf(AddressKey address, ClientHello hello, long nowNanos) {
    Past past = byAddress.get(address);
    return past != null && nowNanos - past.untilNanos < 0 && past.hello.isNotBefore(hello);
  }
}
