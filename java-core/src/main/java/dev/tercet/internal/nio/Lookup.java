package dev.tercet.internal.nio;

import dev.tercet.AddressFamily;
import dev.tercet.Resolver;
import dev.tercet.internal.task.Latch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * One name lookup under way: a place to wait in, then its result. Whoever gives up just leaves; the
 * answer is ignored (spec IO-K7). An IP literal never reaches the resolver.
 */
public final class Lookup {
  private final Latch answered = new Latch();
  private final String host;

  /** Written before the latch opens. */
  private @Nullable List<InetAddress> addresses;

  private @Nullable Throwable failure;

  private Lookup(String host) {
    this.host = host;
  }

  /**
   * Starts a lookup.
   *
   * @param resolver who is asked, unless the host is a literal
   * @param host a name or an IP literal, IPv6 without brackets
   * @return the lookup; wait for {@link #answered}
   * @throws IllegalArgumentException when the host is empty or a malformed IPv6 address
   */
  public static Lookup start(Resolver resolver, String host) {
    Lookup lookup = new Lookup(Addresses.requireHost(host));
    InetAddress literal = Addresses.literal(host);
    if (literal != null) {
      lookup.answer(List.of(literal), null);
    } else {
      resolver.lookup(host, AddressFamily.ANY).whenComplete(lookup::answer);
    }
    return lookup;
  }

  private void answer(@Nullable List<InetAddress> addresses, @Nullable Throwable failure) {
    this.addresses = addresses;
    this.failure =
        failure instanceof CompletionException e && e.getCause() != null ? e.getCause() : failure;
    answered.open();
  }

  /**
   * Where to wait for the answer.
   *
   * @return opens once
   */
  public Latch answered() {
    return answered;
  }

  /**
   * The answer.
   *
   * @return at least one address, in the resolver's order, no address twice
   * @throws IOException what the resolver failed with; {@link UnknownHostException} for no address
   */
  public List<InetAddress> result() throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    }
    // A future that somebody has cancelled is no cancellation of ours: coroutines would believe it.
    if (failure instanceof RuntimeException e && !(e instanceof CancellationException)) {
      throw e;
    }
    if (failure != null) {
      throw new IOException("looking up " + host + " failed", failure);
    }
    if (addresses == null || addresses.isEmpty()) {
      throw new UnknownHostException("no results found for hostname lookup: " + host);
    }
    return addresses.stream().distinct().toList();
  }
}
