package dev.tercet.internal.nio;

import dev.tercet.AddressFamily;
import dev.tercet.Resolver;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The JDK's resolver, which blocks and cannot be interrupted, on threads of its own: a bounded
 * number of daemons that end when idle (spec IO-K9). The answer is the JDK's, with its cache; the
 * order is the caller's business.
 */
public final class SystemResolver {
  /** Lookups at a time. More wait for a free thread; a caller that gives up waits for nothing. */
  private static final int MAX_LOOKUPS = 16;

  /** The resolver of every real network. */
  public static final Resolver INSTANCE = Resolver.blocking(SystemResolver::lookup, threads());

  private SystemResolver() {}

  private static List<InetAddress> lookup(String host, AddressFamily family) throws IOException {
    return Stream.of(InetAddress.getAllByName(host))
        .filter(
            address ->
                family == AddressFamily.ANY
                    || (family == AddressFamily.IPV4) == (address instanceof Inet4Address))
        .toList();
  }

  private static ThreadPoolExecutor threads() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            MAX_LOOKUPS,
            MAX_LOOKUPS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "tercet-resolver");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }
}
