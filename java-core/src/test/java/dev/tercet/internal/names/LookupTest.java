package dev.tercet.internal.names;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.AddressFamily;
import dev.tercet.Resolver;
import dev.tercet.internal.names.Lookup.Batch;
import dev.tercet.internal.wait.Waiter;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LookupTest {
  private static final InetAddress V4 = ip("192.0.2.1");
  private static final InetAddress OTHER_V4 = ip("192.0.2.2");
  private static final InetAddress V6 = ip("2001:db8::1");

  private static InetAddress ip(String text) {
    return Objects.requireNonNull(IpLiteral.parse(text));
  }

  /** A resolver whose answers the test gives. */
  private static class Manual implements Resolver {
    final Map<AddressFamily, CompletableFuture<List<InetAddress>>> questions =
        new LinkedHashMap<>();
    final List<String> hosts = new ArrayList<>();
    private final boolean perFamily;

    Manual(boolean perFamily) {
      this.perFamily = perFamily;
    }

    @Override
    public CompletionStage<List<InetAddress>> lookup(String host, AddressFamily family) {
      hosts.add(host);
      return questions.computeIfAbsent(family, any -> new CompletableFuture<>());
    }

    @Override
    public boolean answersPerFamily() {
      return perFamily;
    }

    CompletableFuture<List<InetAddress>> of(AddressFamily family) {
      return Objects.requireNonNull(questions.get(family), () -> "not asked for " + family);
    }
  }

  private static class Counting implements Waiter {
    int wakes;

    @Override
    public void wake() {
      wakes++;
    }
  }

  private static int wakes(Lookup lookup) {
    Counting waiter = new Counting();
    lookup.news().install(waiter);
    if (waiter.wakes == 0) {
      assertTrue(lookup.news().uninstall(waiter));
    }
    return waiter.wakes;
  }

  private static IOException failure(Lookup lookup) {
    assertTrue(lookup.answered().isOpen());
    return assertThrows(IOException.class, lookup::result);
  }

  private static IOException failureOf(Resolver resolver) {
    Lookup lookup = Lookup.start(resolver, "test.example");
    IOException failure = failure(lookup);
    Batch batch = lookup.poll();
    assertNotNull(batch);
    assertEquals(List.of(), batch.addresses());
    assertSame(failure, batch.failure());
    assertTrue(lookup.isDone());
    return failure;
  }

  private static Resolver answering(@Nullable List<InetAddress> addresses) {
    return (host, family) -> CompletableFuture.completedFuture(addresses);
  }

  @Test
  @DisplayName(
      "IO-HV1 a resolver that answers per family is asked twice, for IPv6 first, and each answer is a batch as it comes")
  void batches() throws IOException {
    Manual resolver = new Manual(true);
    Lookup lookup = Lookup.start(resolver, "test.example");
    assertEquals(
        List.of(AddressFamily.IPV6, AddressFamily.IPV4), List.copyOf(resolver.questions.keySet()));
    assertEquals(0, wakes(lookup));
    assertNull(lookup.poll());
    Counting waiter = new Counting();
    lookup.news().install(waiter);
    resolver.of(AddressFamily.IPV4).complete(List.of(V4));
    assertEquals(1, waiter.wakes);
    assertFalse(lookup.news().uninstall(waiter));
    assertEquals(1, wakes(lookup), "open until it is polled");
    assertEquals(new Batch(AddressFamily.IPV4, List.of(V4), null), lookup.poll());
    assertEquals(0, wakes(lookup));
    assertFalse(lookup.isDone());
    assertFalse(lookup.answered().isOpen());
    resolver.of(AddressFamily.IPV6).complete(List.of(V6));
    assertFalse(lookup.isDone());
    assertTrue(lookup.answered().isOpen());
    assertEquals(new Batch(AddressFamily.IPV6, List.of(V6), null), lookup.poll());
    assertTrue(lookup.isDone());
    assertEquals(1, wakes(lookup), "open for good when nothing more will come");
    assertNull(lookup.poll());
    assertEquals(List.of(V6, V4), lookup.result());
  }

  @Test
  @DisplayName("IO-HV2 a resolver that does not is asked once, and its order is kept")
  void once() throws IOException {
    Manual resolver = new Manual(false);
    Lookup lookup = Lookup.start(resolver, "test.example");
    resolver.of(AddressFamily.ANY).complete(List.of(V4, V6, OTHER_V4));
    assertEquals(List.of("test.example"), resolver.hosts);
    assertEquals(new Batch(AddressFamily.ANY, List.of(V4, V6, OTHER_V4), null), lookup.poll());
    assertTrue(lookup.isDone());
    assertEquals(List.of(V4, V6, OTHER_V4), lookup.result());
  }

  @Test
  @DisplayName(
      "IO-HV3 the failure of one family does not fail the other; two are one error that names both")
  void failures() throws IOException {
    Manual half = new Manual(true);
    Lookup lookup = Lookup.start(half, "test.example");
    half.of(AddressFamily.IPV6).completeExceptionally(new IOException("on fire"));
    half.of(AddressFamily.IPV4).complete(List.of(V4));
    assertEquals(List.of(V4), lookup.result());

    Manual none = new Manual(true);
    Lookup failing = Lookup.start(none, "test.example");
    none.of(AddressFamily.IPV4).completeExceptionally(new UnknownHostException("not here"));
    none.of(AddressFamily.IPV6).completeExceptionally(new IOException("on fire"));
    IOException both = failure(failing);
    assertEquals("test.example: IPv6: on fire; IPv4: not here", both.getMessage());
    assertEquals(2, both.getSuppressed().length);
    assertFalse(both instanceof UnknownHostException, "nobody knows whether it exists");

    Manual empty = new Manual(true);
    Lookup unknown = Lookup.start(empty, "test.example");
    empty.of(AddressFamily.IPV4).completeExceptionally(new UnknownHostException("not here"));
    empty.of(AddressFamily.IPV6).complete(List.of());
    assertInstanceOf(UnknownHostException.class, failure(unknown));
  }

  @Test
  @DisplayName(
      "KIT-N2 IO-K7 a literal never reaches the resolver, a name reaches it in ASCII (KIT-N3)")
  void literalsAndNames() throws IOException {
    Resolver none =
        (host, family) -> {
          throw new AssertionError("asked for " + host);
        };
    for (String literal : List.of("192.0.2.1", "::ffff:192.0.2.1", "2001:DB8::1")) {
      Lookup lookup = Lookup.start(none, literal);
      assertTrue(lookup.answered().isOpen());
      assertEquals(1, lookup.result().size());
      assertEquals(new Batch(AddressFamily.ANY, lookup.result(), null), lookup.poll());
    }
    for (String refused : List.of("0177.0.0.1", "[::1", "::1%nosuch", "", "a".repeat(300))) {
      assertThrows(IllegalArgumentException.class, () -> Lookup.start(none, refused));
    }
    for (boolean perFamily : new boolean[] {true, false}) {
      Manual resolver = new Manual(perFamily);
      Lookup.start(resolver, "Föö.example");
      assertEquals(List.of("xn--f-1gaa.example"), resolver.hosts.stream().distinct().toList());
    }
  }

  @Test
  @DisplayName("a lookup of one family asks for that only")
  void oneFamily() {
    Manual resolver = new Manual(true);
    Lookup lookup = Lookup.start(resolver, Host.parse("test.example"), AddressFamily.IPV4);
    assertEquals(List.of(AddressFamily.IPV4), List.copyOf(resolver.questions.keySet()));
    resolver.of(AddressFamily.IPV4).complete(List.of());
    assertTrue(String.valueOf(failure(lookup).getMessage()).contains("IPv4"));
    failure(Lookup.start(resolver, Host.parse("::1"), AddressFamily.IPV4));
  }

  /** A failure that cannot be printed. */
  private static final class Mute extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("getMessage");
    }
  }

  @Test
  @DisplayName(
      "a resolver that throws, whatever it throws, is an IOException of the caller with that as its cause")
  void throwing() {
    for (Throwable thrown :
        List.of(
            new IllegalStateException("bug"),
            new CancellationException("gone"),
            new Mute(),
            new StackOverflowError())) {
      IOException failure =
          failureOf(
              (host, family) -> {
                if (thrown instanceof Error error) {
                  throw error;
                }
                throw (RuntimeException) thrown;
              });
      assertSame(thrown, failure.getCause());
      assertTrue(String.valueOf(failure.getMessage()).contains("test.example"));
      assertSame(
          thrown, failureOf((host, family) -> CompletableFuture.failedFuture(thrown)).getCause());
    }
  }

  @Test
  @DisplayName(
      "IO-E6 an IOException of the resolver comes out as it is, also from inside a CompletionException")
  void ioExceptions() {
    IOException mine = new IOException("mine");
    assertSame(mine, failureOf((host, family) -> CompletableFuture.failedFuture(mine)));
    assertSame(
        mine,
        failureOf(
            (host, family) ->
                CompletableFuture.failedFuture(
                    new CompletionException(new CompletionException(mine)))));
    CompletableFuture<List<InetAddress>> failed = new CompletableFuture<>();
    failed.completeExceptionally(mine);
    assertSame(mine, failureOf((host, family) -> failed.thenApply(all -> all)));
  }

  @Test
  @DisplayName(
      "a resolver that returns null, or answers null, nothing or a null among addresses, gets an error that says so")
  @SuppressWarnings("NullAway")
  void nulls() {
    assertTrue(message((host, family) -> null).contains("returned null"));
    assertTrue(message(answering(null)).contains("answered null"));
    assertTrue(message(answering(Arrays.asList(V4, null))).contains("has a null"));
    assertInstanceOf(UnknownHostException.class, failureOf(answering(List.of())));
    assertTrue(message(answering(List.of())).contains("test.example"));
  }

  private static String message(Resolver resolver) {
    return String.valueOf(failureOf(resolver).getMessage());
  }

  @Test
  @DisplayName(
      "duplicates and addresses of the wrong family are left out; the same address in two zones is two")
  void duplicates() throws IOException {
    Lookup twice = Lookup.start(answering(List.of(V4, V6, V4, V6)), "test.example");
    assertEquals(List.of(V4, V6), twice.result());
    byte[] linkLocal = ip("fe80::1").getAddress();
    InetAddress one = Inet6Address.getByAddress(null, linkLocal, 1);
    InetAddress two = Inet6Address.getByAddress(null, linkLocal, 2);
    assertEquals(
        2, Lookup.start(answering(List.of(one, two, one)), "test.example").result().size());
    Manual careless = new Manual(true);
    Lookup lookup = Lookup.start(careless, "test.example");
    careless.of(AddressFamily.IPV6).complete(List.of(V4, V6, V6));
    careless.of(AddressFamily.IPV4).complete(List.of(V6));
    assertEquals(new Batch(AddressFamily.IPV6, List.of(V6), null), lookup.poll());
    Batch empty = lookup.poll();
    assertNotNull(empty);
    assertInstanceOf(UnknownHostException.class, empty.failure());
    assertEquals(List.of(V6), lookup.result());
  }

  @Test
  @DisplayName("a list that changes later, or cannot be read, does no harm")
  void lists() throws IOException {
    List<InetAddress> mutable = new ArrayList<>(List.of(V4));
    Lookup lookup = Lookup.start(answering(mutable), "test.example");
    mutable.clear();
    assertEquals(List.of(V4), lookup.result());
    List<InetAddress> broken =
        new java.util.AbstractList<>() {
          @Override
          public InetAddress get(int index) {
            throw new IllegalStateException("broken");
          }

          @Override
          public int size() {
            return 1;
          }
        };
    assertTrue(message(answering(broken)).contains("broken"));
  }

  @Test
  @DisplayName(
      "a stage that answers twice has answered once; one that fails after it has answered has answered")
  void twice() throws IOException {
    class Twice extends CompletableFuture<List<InetAddress>> {
      @Override
      public CompletableFuture<List<InetAddress>> whenComplete(
          BiConsumer<? super List<InetAddress>, ? super Throwable> action) {
        action.accept(List.of(V4), null);
        action.accept(List.of(V6), null);
        action.accept(null, new IOException("late"));
        throw new IllegalStateException("later still");
      }
    }
    Lookup lookup = Lookup.start((host, family) -> new Twice(), "test.example");
    assertEquals(List.of(V4), lookup.result());
    assertEquals(new Batch(AddressFamily.ANY, List.of(V4), null), lookup.poll());
    assertNull(lookup.poll());
    assertTrue(lookup.isDone());
  }

  @Test
  @DisplayName(
      "a resolver that never answers leaves the lookup waiting; to give up cancels nobody's future")
  void never() {
    Manual resolver = new Manual(false);
    Lookup lookup = Lookup.start(resolver, "test.example");
    assertFalse(lookup.answered().isOpen());
    lookup.abandon();
    lookup.abandon();
    assertFalse(resolver.of(AddressFamily.ANY).isDone(), "others may wait for the same future");
  }

  @Test
  @DisplayName("answersPerFamily may throw, too")
  void capability() {
    Resolver resolver =
        new Resolver() {
          @Override
          public CompletionStage<List<InetAddress>> lookup(String host, AddressFamily family) {
            return CompletableFuture.completedFuture(List.of(V4));
          }

          @Override
          public boolean answersPerFamily() {
            throw new IllegalStateException("bug");
          }
        };
    assertTrue(message(resolver).contains("bug"));
  }
}
