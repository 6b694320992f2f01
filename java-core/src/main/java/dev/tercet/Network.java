package dev.tercet;

/**
 * Where sockets come from and who resolves names: the real network of an event loop ({@code
 * EventLoop.network()}), or a simulated one from the testing module. It is passed explicitly, as an
 * option in Java and in the coroutine context in Kotlin, and never held in a static.
 *
 * <p>Not for users to implement: the loop and the simulation do. What users replace is the {@link
 * Resolver}.
 *
 * <p><i>Thread-safety:</i> immutable.
 */
public interface Network {
  /**
   * The resolver of host names here.
   *
   * @return the resolver; never called for IP literals
   */
  Resolver resolver();

  /**
   * The same network with another resolver.
   *
   * @param resolver resolves from now on
   * @return a copy; this network is unchanged
   */
  Network withResolver(Resolver resolver);
}
