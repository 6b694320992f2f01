package dev.tercet.testing.simulation;

import dev.tercet.AddressFamily;
import dev.tercet.AddressText;
import dev.tercet.Resolver;
import dev.tercet.internal.text.Durations;
import dev.tercet.internal.wait.WaitNanos;
import dev.tercet.proto.AddressKey;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The names of a {@link SimulatedNetwork}: its resolver (KIT-F14, KIT-N1).
 *
 * <pre>{@code
 * network.names().set("example.com", "2001:db8::1", "192.0.2.1");
 * network.names().set("slow.example", NameAnswer.of("192.0.2.2").after(Duration.ofSeconds(3)));
 * network.names().set("moved.example", NameAnswer.of("192.0.2.3"), NameAnswer.of("192.0.2.4"));
 * }</pre>
 *
 * <p>It can be changed at any time. A lookup gets the entry of the table at its beginning. {@code
 * localhost} is there from the start, as {@code ::1} and {@code 127.0.0.1}.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class NameTable implements Resolver {
  /**
   * A question that the table was asked.
   *
   * @param at when
   * @param host for what name
   * @param family for which addresses
   */
  public record Query(Duration at, String host, AddressFamily family) {
    @Override
    public String toString() {
      return Durations.text(at) + " " + host + " " + family;
    }
  }

  private final VirtualTime time;
  private final NetworkTrace trace;

  /** Guarded by this, as is everything below. */
  private final Map<String, Entry> entries = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  private final Map<AddressKey, String> names = new HashMap<>();
  private final List<Query> queries = new ArrayList<>();
  private boolean answersPerFamily;

  NameTable(VirtualTime time, NetworkTrace trace) {
    this.time = time;
    this.trace = trace;
    set("localhost", "::1", "127.0.0.1");
  }

  /**
   * Says what a name means.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} for what is no IP address.
   *
   * @param host a name; case does not matter
   * @param literals its addresses, in the order in which they should be tried
   */
  public void set(String host, String... literals) {
    set(host, NameAnswer.of(literals));
  }

  /**
   * Says how lookups of a name are answered.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} for no answers.
   *
   * @param host a name; case does not matter
   * @param oneForEach the first for the next lookup, the second for the one after that, and the
   *     last for all others
   */
  public synchronized void set(String host, NameAnswer... oneForEach) {
    if (oneForEach.length == 0) {
      throw new IllegalArgumentException("no answer for " + host);
    }
    entries.put(host, new Entry(List.of(oneForEach)));
  }

  /**
   * Forgets a name: lookups fail.
   *
   * @param host a name; case does not matter
   */
  public synchronized void remove(String host) {
    entries.remove(host);
  }

  /**
   * Says what a reverse lookup of an address finds; at first nothing.
   *
   * <p><i>Errors:</i> {@link IllegalArgumentException} for what is no IP address.
   *
   * @param literal an IP address
   * @param host its name
   */
  public synchronized void setReverse(String literal, String host) {
    names.put(AddressKey.of(NameAnswer.ip(literal)), host);
  }

  /**
   * Says whether connects ask for the two families apart, as {@link NameAnswer#perFamily} wants it.
   *
   * @param apart false at first: one question for both
   */
  public synchronized void setAnswersPerFamily(boolean apart) {
    answersPerFamily = apart;
  }

  /**
   * What the table was asked so far.
   *
   * @return in order
   */
  public synchronized List<Query> queries() {
    return List.copyOf(queries);
  }

  @Override
  public CompletionStage<List<InetAddress>> lookup(String host, AddressFamily family) {
    trace.record(NetworkEvent.Kind.LOOKUP, 0, host + " " + family);
    NameAnswer.Part part = next(host, family);
    CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
    if (part == null) {
      trace.record(NetworkEvent.Kind.ANSWER, 0, host + " " + family + ": unknown");
      answer.completeExceptionally(new UnknownHostException(host));
    } else if (part.after() != null) {
      Runnable arrival = () -> complete(answer, host, family, part);
      if (part.after().isZero()) {
        arrival.run();
      } else {
        time.schedule(time.nanoTime() + WaitNanos.of(part.after()), arrival);
      }
    }
    return answer;
  }

  @Override
  public synchronized boolean answersPerFamily() {
    return answersPerFamily;
  }

  @Override
  public CompletionStage<@Nullable String> reverse(InetAddress address) {
    String host;
    synchronized (this) {
      host = names.get(AddressKey.of(address));
    }
    trace.record(NetworkEvent.Kind.LOOKUP, 0, AddressText.of(address) + ": " + host);
    return CompletableFuture.completedFuture(host);
  }

  private void complete(
      CompletableFuture<List<InetAddress>> answer,
      String host,
      AddressFamily family,
      NameAnswer.Part part) {
    NameAnswer.Part now = new NameAnswer.Part(part.addresses(), part.error(), Duration.ZERO);
    trace.record(NetworkEvent.Kind.ANSWER, 0, host + " " + family + ": " + NameAnswer.text(now));
    if (part.error() == null) {
      answer.complete(part.addresses());
    } else {
      answer.completeExceptionally(part.error());
    }
  }

  private synchronized NameAnswer.@Nullable Part next(String host, AddressFamily family) {
    queries.add(new Query(Duration.ofNanos(time.nanoTime()), host, family));
    Entry entry = entries.get(host);
    return entry == null ? null : entry.next(family).part(family);
  }

  /**
   * The answers of a name, and how many of them were given. Each family is counted by itself: who
   * asks for one and then for the other has looked the name up once.
   */
  private static final class Entry {
    private final List<NameAnswer> answers;
    private final Map<AddressFamily, Integer> given = new EnumMap<>(AddressFamily.class);

    Entry(List<NameAnswer> answers) {
      this.answers = answers;
    }

    NameAnswer next(AddressFamily family) {
      int number = given.merge(family, 1, Integer::sum);
      return answers.get(Math.min(number, answers.size()) - 1);
    }
  }
}
