package dev.tercet;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Turns a host name into addresses. A network has one; set a custom one with {@link
 * Network#withResolver}.
 *
 * <p>A resolver's failure becomes an {@link IOException} of the call that needed it: an exception,
 * a null, a list with a null, or no addresses ({@link UnknownHostException}). Addresses of an
 * unrequested family, and duplicates, are dropped.
 */
@FunctionalInterface
public interface Resolver {
  /**
   * Starts a lookup. Must not wait: answer through the stage.
   *
   * <p><i>Errors:</i> the stage fails with an {@link IOException}, {@link UnknownHostException}
   * when there is no such name.
   *
   * <p><i>Cancellation, Interruption:</i> a caller that gives up ignores the answer. The stage is
   * not cancelled: a resolver with a cache may return the same stage to many callers.
   *
   * <p><i>Thread-safety:</i> must accept calls from any thread at once.
   *
   * @param host a name in ASCII (A-labels, spec IO-K7), never an IP literal
   * @param family the requested family
   * @return the addresses in the order in which they should be tried; empty means none
   */
  CompletionStage<List<InetAddress>> lookup(String host, AddressFamily family);

  /**
   * Whether {@link #lookup} is called for IPv6 and IPv4 separately, so that a connect can start
   * with the first answer (spec IO-HV1).
   *
   * @return false, unless overridden: it is called once, for {@link AddressFamily#ANY}, and its
   *     order of addresses counts. True: it is called twice, for IPv6 first
   */
  default boolean answersPerFamily() {
    return false;
  }

  /**
   * Starts a reverse lookup, for {@code getnameinfo}. Must not wait: answer through the stage.
   *
   * <p><i>Errors:</i> the stage fails with an {@link IOException}.
   *
   * <p><i>Cancellation, Interruption:</i> as {@link #lookup}.
   *
   * <p><i>Thread-safety:</i> must accept calls from any thread at once.
   *
   * @param address the address to look up
   * @return the name, null for none. Unless overridden, null: a custom resolver does not fall back
   *     on the system's
   */
  default CompletionStage<@Nullable String> reverse(InetAddress address) {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * A resolver over a function that blocks, run on an executor.
   *
   * @param lookup the blocking function
   * @param executor where it runs; not an event loop's
   * @return a resolver that answers when the function has
   */
  static Resolver blocking(Lookup lookup, Executor executor) {
    return (host, family) -> {
      CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
      executor.execute(
          () -> {
            try {
              answer.complete(List.copyOf(lookup.lookup(host, family)));
            } catch (Throwable e) {
              answer.completeExceptionally(e);
            }
          });
      return answer;
    };
  }

  /**
   * A resolver that knows the given names and no others.
   *
   * @param table addresses by name, in the order in which they should be tried; names are compared
   *     without regard to case
   * @return a resolver that answers at once, with {@link UnknownHostException} for other names
   */
  static Resolver fixed(Map<String, List<InetAddress>> table) {
    Map<String, List<InetAddress>> byName = new java.util.TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    table.forEach((name, addresses) -> byName.put(name, List.copyOf(addresses)));
    return (host, family) -> {
      List<InetAddress> addresses = byName.get(host);
      if (addresses == null) {
        return CompletableFuture.failedFuture(new UnknownHostException(host));
      }
      return CompletableFuture.completedFuture(
          addresses.stream()
              .filter(
                  address ->
                      switch (family) {
                        case ANY -> true;
                        case IPV4 -> address instanceof Inet4Address;
                        case IPV6 -> !(address instanceof Inet4Address);
                      })
              .toList());
    };
  }

  /** A lookup that blocks, {@link InetAddress#getAllByName} for instance. */
  @FunctionalInterface
  interface Lookup {
    /**
     * Looks a name up.
     *
     * <p><i>Errors:</i> any exception becomes the failure of the stage.
     *
     * <p><i>Cancellation, Interruption:</i> not interrupted; a caller that gives up ignores the
     * answer.
     *
     * <p><i>Thread-safety:</i> called on threads of the executor, several at a time.
     *
     * @param host a name in ASCII
     * @param family the requested family
     * @return the addresses in the order in which they should be tried
     * @throws IOException when the name has none or the lookup fails
     */
    List<InetAddress> lookup(String host, AddressFamily family) throws IOException;
  }
}
