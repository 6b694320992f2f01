package dev.tercet.testing.simulation;

/**
 * Decides what becomes of each datagram that is sent on a {@link SimulatedNetwork} (KIT-F13).
 *
 * <pre>{@code
 * network.setRouter(packet -> {
 *   if (packet.size() <= 1200) {                      // a small MTU: the rest is lost
 *     network.deliverPacket(packet, Duration.ofMillis(20));
 *   }
 * });
 * }</pre>
 */
@FunctionalInterface
public interface Router {
  /**
   * Decides about one packet: {@linkplain SimulatedNetwork#deliverPacket deliver} it, now or later,
   * once, twice, changed, or not at all, which loses it. Must not wait.
   *
   * <p><i>Errors:</i> come out of the send.
   *
   * <p><i>Thread-safety:</i> called by whoever sends, with no lock held.
   *
   * @param packet what was sent
   */
  void route(Packet packet);
}
