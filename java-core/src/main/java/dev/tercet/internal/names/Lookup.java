package dev.tercet.internal.names;

import dev.tercet.AddressFamily;
import dev.tercet.Resolver;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.internal.wait.Waiter;
import dev.tercet.internal.wait.Waking;
import dev.tercet.proto.AddressKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * One name lookup under way, as a source of events: each answer is a {@link Batch}.
 *
 * <p>A resolver that {@linkplain Resolver#answersPerFamily answers per family} is asked twice, for
 * IPv6 first (spec IO-HV1), and there are two batches; else there is one. Who wants the addresses
 * as they come waits for {@link #news} and polls; who wants all of them waits for {@link #answered}
 * and takes the {@link #result}. Whoever stops waiting says {@link #abandon}. An IP literal never
 * reaches the resolver: it is answered from the start, in one batch.
 *
 * <p><i>Thread-safety:</i> one waiter; answers come from any thread.
 */
public final class Lookup {
  private final String host;
  private final List<AddressFamily> asked;
  private final News news = new News();
  private final Latch answered = new Latch();

  /** Guarded by this, as is all below. In the order in which they came. */
  private final Queue<Batch> unseen = new ArrayDeque<>();

  /** By family, in the order in which it was asked. */
  private final Map<AddressFamily, Batch> batches = new LinkedHashMap<>();

  private final List<Abandonable> questions = new ArrayList<>();

  /**
   * An answer: addresses, or why there are none.
   *
   * @param family for which it was asked; ANY for both at once
   * @param addresses in the resolver's order, none twice; empty if and only if there is a failure
   * @param failure why there are none, an {@link UnknownHostException} when that is the answer
   */
  public record Batch(
      AddressFamily family, List<InetAddress> addresses, @Nullable IOException failure) {}

  private Lookup(String host, List<AddressFamily> asked) {
    this.host = host;
    this.asked = asked;
  }

  /**
   * Starts a lookup of all addresses.
   *
   * @param resolver who is asked, unless the host is a literal
   * @param host a name or an IP literal, IPv6 without brackets
   * @throws IllegalArgumentException when the host is neither
   */
  public static Lookup start(Resolver resolver, String host) {
    return start(resolver, Host.parse(host), AddressFamily.ANY);
  }

  /**
   * Starts a lookup.
   *
   * @param resolver who is asked, unless the host is a literal
   * @param family which addresses are wanted; a literal of the other family is an unknown host
   */
  public static Lookup start(Resolver resolver, Host host, AddressFamily family) {
    InetAddress literal = host.address();
    if (literal != null) {
      return known(host.text(), family, List.of(literal));
    }
    List<AddressFamily> asked;
    try {
      asked =
          family == AddressFamily.ANY && resolver.answersPerFamily()
              ? List.of(AddressFamily.IPV6, AddressFamily.IPV4)
              : List.of(family);
    } catch (RuntimeException e) {
      Lookup lookup = new Lookup(host.text(), List.of(family));
      lookup.answer(family, null, new IOException("the resolver failed: " + e, e));
      return lookup;
    }
    Lookup lookup = new Lookup(host.text(), asked);
    for (AddressFamily each : asked) {
      lookup.ask(resolver, host.name(), each);
    }
    return lookup;
  }

  /** A lookup that is answered. */
  static Lookup known(String host, AddressFamily family, List<InetAddress> addresses) {
    Lookup lookup = new Lookup(host, List.of(family));
    lookup.answer(family, addresses, null);
    return lookup;
  }

  private void ask(Resolver resolver, String name, AddressFamily family) {
    Abandonable question =
        Reply.<List<InetAddress>>ask(
            "looking up " + host,
            () -> resolver.lookup(name, family),
            (addresses, failure) -> answer(family, addresses, failure));
    if (question != null) {
      synchronized (this) {
        questions.add(question);
      }
    }
  }

  private void answer(
      AddressFamily family, @Nullable List<InetAddress> answer, @Nullable IOException failure) {
    Batch batch;
    if (failure != null) {
      batch = new Batch(family, List.of(), failure);
    } else {
      try {
        batch = checked(family, answer);
      } catch (IOException e) {
        batch = new Batch(family, List.of(), e);
      } catch (RuntimeException e) {
        // The list is the resolver's too.
        batch =
            new Batch(
                family, List.of(), new IOException("looking up " + host + " failed: " + e, e));
      }
    }
    boolean isComplete;
    synchronized (this) {
      unseen.add(batch);
      batches.put(family, batch);
      isComplete = batches.size() == asked.size();
    }
    news.tell();
    if (isComplete) {
      answered.open();
    }
  }

  /** Addresses of the other family, and those that are there already, are left out. */
  private Batch checked(AddressFamily family, @Nullable List<InetAddress> answer)
      throws IOException {
    if (answer == null) {
      throw new IOException("looking up " + host + " failed: the resolver answered null");
    }
    Map<AddressKey, InetAddress> different = new LinkedHashMap<>();
    for (InetAddress address : answer) {
      if (address == null) {
        throw new IOException("looking up " + host + " failed: the resolver's answer has a null");
      }
      if (SystemResolver.isOf(family, address)) {
        different.putIfAbsent(AddressKey.of(address), address);
      }
    }
    if (different.isEmpty()) {
      throw new UnknownHostException(host + ": no addresses" + ofFamily(family));
    }
    return new Batch(family, List.copyOf(different.values()), null);
  }

  private static String ofFamily(AddressFamily family) {
    return switch (family) {
      case ANY -> "";
      case IPV4 -> " of IPv4";
      case IPV6 -> " of IPv6";
    };
  }

  /**
   * Where to wait for the next batch.
   *
   * @return open while there is one to poll, and for good when there will be no more
   */
  public WaitPlace news() {
    return news;
  }

  /**
   * Takes the next batch.
   *
   * @return null when none has come since the last
   */
  public synchronized @Nullable Batch poll() {
    return unseen.poll();
  }

  /**
   * Whether all batches have been polled.
   *
   * @return true when {@link #poll} will return null for good
   */
  public synchronized boolean isDone() {
    return unseen.isEmpty() && batches.size() == asked.size();
  }

  /**
   * Where to wait for everything.
   *
   * @return opens once, with the last batch
   */
  public Latch answered() {
    return answered;
  }

  /**
   * Everything, polled or not. For when all is {@linkplain #answered answered}.
   *
   * @return at least one address, IPv6 first if the resolver was asked per family, else in its
   *     order; no address twice
   * @throws IOException when there is none: what the resolver failed with; both failures in one if
   *     it was asked twice (spec IO-HV3); {@link UnknownHostException} when that is the answer
   */
  public synchronized List<InetAddress> result() throws IOException {
    List<InetAddress> addresses =
        asked.stream()
            .map(batches::get)
            .filter(Objects::nonNull)
            .flatMap(batch -> batch.addresses().stream())
            .toList();
    if (addresses.isEmpty()) {
      throw failure();
    }
    return addresses;
  }

  private IOException failure() {
    List<IOException> failures = new ArrayList<>();
    StringBuilder all = new StringBuilder(host);
    for (AddressFamily family : asked) {
      Batch batch = batches.get(family);
      IOException failure = batch == null ? null : batch.failure();
      if (failure != null) {
        failures.add(failure);
        all.append(failures.size() == 1 ? ": " : "; ")
            .append(family == AddressFamily.IPV6 ? "IPv6: " : "IPv4: ")
            .append(failure.getMessage());
      }
    }
    if (failures.size() == 1) {
      return failures.get(0);
    }
    boolean isUnknown = failures.stream().allMatch(UnknownHostException.class::isInstance);
    IOException both =
        isUnknown ? new UnknownHostException(all.toString()) : new IOException(all.toString());
    failures.forEach(both::addSuppressed);
    return both;
  }

  /** Nobody waits any more. Has no effect on what was answered. */
  public void abandon() {
    List<Abandonable> open;
    synchronized (this) {
      open = List.copyOf(questions);
      questions.clear();
    }
    open.forEach(Abandonable::abandon);
  }

  /** Open while there is something to poll, and for good at the end. */
  private final class News implements WaitPlace {
    /** Guarded by the lookup. */
    private final List<Waiter> waiters = new ArrayList<>(1);

    @Override
    public void install(Waiter waiter) {
      synchronized (Lookup.this) {
        if (unseen.isEmpty() && !isDone()) {
          waiters.add(waiter);
          return;
        }
      }
      waiter.wake();
    }

    @Override
    public boolean uninstall(Waiter waiter) {
      synchronized (Lookup.this) {
        return waiters.remove(waiter);
      }
    }

    private void tell() {
      List<Waiter> due;
      synchronized (Lookup.this) {
        due = List.copyOf(waiters);
        waiters.clear();
      }
      due.forEach(Waking::wake);
    }
  }
}
