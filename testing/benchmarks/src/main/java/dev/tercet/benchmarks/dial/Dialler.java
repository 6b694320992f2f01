package dev.tercet.benchmarks.dial;

/** A way to connect. */
@FunctionalInterface
public interface Dialler {
  /**
   * Starts something that connects, receives a byte and closes, again and again, until the order
   * has ended, and then says {@link Orders.Order#done}. Comes back at once.
   *
   * @param order what to do
   */
  void start(Orders.Order order);
}
