package dev.tercet;

/**
 * The source of sockets and of name resolution: the real network of an event loop ({@code
 * EventLoop.network()}), or a simulated one from the testing module. It is passed explicitly, as an
 * option in Java and in the coroutine context in Kotlin, and never held in a static.
 *
 * <p>Users do not implement it: the loop and the simulation do. Users replace the {@link Resolver}.
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
