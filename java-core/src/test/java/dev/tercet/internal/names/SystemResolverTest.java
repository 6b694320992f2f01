package dev.tercet.internal.names;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.AddressFamily;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lookups that block as long as the test wants, on real threads; the time is the test's. */
@Timeout(60)
class SystemResolverTest {
  private static final InetAddress V4 = Objects.requireNonNull(IpLiteral.parse("192.0.2.1"));
  private static final InetAddress V6 = Objects.requireNonNull(IpLiteral.parse("2001:db8::1"));

  private final CountDownLatch release = new CountDownLatch(1);
  private final Semaphore stuck = new Semaphore(0);
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicLong now = new AtomicLong();
  private final Queue<Runnable> alarms = new ConcurrentLinkedQueue<>();
  private final ResolverThreads resolverThreads =
      new ResolverThreads(
          task -> {
            Thread thread = new Thread(task, "test-resolver");
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
          },
          now::get,
          (nanos, call) -> alarms.add(call));
  private final SystemResolver resolver =
      new SystemResolver(resolverThreads, (host, family) -> lookup(host), this::reverse);

  private List<InetAddress> lookup(String host) throws IOException {
    calls.incrementAndGet();
    if (host.endsWith("dead.example")) {
      stuck.release();
      try {
        release.await();
      } catch (InterruptedException e) {
        throw new AssertionError("nobody interrupts these threads", e);
      }
    }
    if (host.startsWith("unknown")) {
      throw new UnknownHostException(host);
    }
    return List.of(V4, V6);
  }

  private @Nullable String reverse(InetAddress address) throws IOException {
    if (address.equals(V6)) {
      lookup("dead.example");
    }
    return address.equals(V4) ? "four.example" : null;
  }

  @AfterEach
  void letGo() throws InterruptedException {
    release.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertTrue(resolverThreads.isIdle(), "nothing is left");
  }

  private CompletableFuture<List<InetAddress>> ask(String host) {
    return resolver.lookup(host, AddressFamily.ANY).toCompletableFuture();
  }

  @Test
  @DisplayName("IO-K9 1,000 lookups that never return leave threads for other names")
  void thousandStuck() throws Exception {
    List<CompletableFuture<?>> waiting = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      waiting.add(ask("host" + i + ".dead.example"));
    }
    stuck.acquire(32);
    assertEquals(32, threads.size());
    assertEquals(List.of(V4, V6), ask("alive.example").get());
    assertEquals(List.of(V4, V6), ask("alive.test").get());
    assertThrows(ExecutionException.class, () -> ask("unknown.test").get());
    assertTrue(waiting.stream().noneMatch(CompletableFuture::isDone));
    release.countDown();
    for (CompletableFuture<?> each : waiting) {
      each.get();
    }
    assertEquals(1_000, calls.get() - 3);
  }

  @Test
  @DisplayName("IO-K9 1,000 lookups of one name are one, and give each caller its own answer")
  void shared() throws Exception {
    List<CompletableFuture<List<InetAddress>>> waiting = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      waiting.add(ask(i % 2 == 0 ? "a.dead.example" : "A.dead.example"));
    }
    CompletableFuture<List<InetAddress>> four =
        resolver.lookup("a.dead.example", AddressFamily.IPV4).toCompletableFuture();
    CompletableFuture<List<InetAddress>> six =
        resolver.lookup("a.dead.example", AddressFamily.IPV6).toCompletableFuture();
    release.countDown();
    for (CompletableFuture<List<InetAddress>> each : waiting) {
      assertEquals(List.of(V4, V6), each.get());
    }
    assertEquals(List.of(V4), four.get());
    assertEquals(List.of(V6), six.get());
    assertEquals(1, calls.get());
  }

  @Test
  @DisplayName("IO-K9 callers who share a failure get an exception each")
  void ownExceptions() {
    CompletableFuture<?> one = ask("unknown.dead.example");
    CompletableFuture<?> two = ask("unknown.dead.example");
    release.countDown();
    Throwable first = assertThrows(ExecutionException.class, one::get).getCause();
    Throwable second = assertThrows(ExecutionException.class, two::get).getCause();
    assertEquals(UnknownHostException.class, Objects.requireNonNull(first).getClass());
    assertNotSame(first, second);
  }

  @Test
  @DisplayName(
      "IO-K9 a domain that is stuck for 20 s fails with an error that says so; it recovers when one returns")
  void allStuck() throws Exception {
    List<CompletableFuture<?>> running = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      running.add(ask("host" + i + ".dead.example"));
    }
    CompletableFuture<?> waiting = ask("one-more.dead.example");
    assertEquals(1, alarms.size());
    now.set(TimeUnit.SECONDS.toNanos(20));
    Objects.requireNonNull(alarms.poll()).run();
    Throwable failure = assertThrows(ExecutionException.class, waiting::get).getCause();
    assertEquals(IOException.class, Objects.requireNonNull(failure).getClass());
    assertEquals(
        "cannot look up one-more.dead.example: 32 lookups under dead.example are under way, none has"
            + " returned for 20 s, and the system's resolver cannot be interrupted",
        failure.getMessage());
    assertTrue(ask("another.dead.example").isCompletedExceptionally(), "at once");
    assertTrue(running.stream().noneMatch(CompletableFuture::isDone), "these go on");
    release.countDown();
    for (CompletableFuture<?> each : running) {
      each.get();
    }
    ask("another.dead.example").get();
  }

  @Test
  @DisplayName("IO-K9 an alarm that comes too early is set again")
  void alarm() {
    List<CompletableFuture<?>> open = new ArrayList<>();
    for (int i = 0; i < 33; i++) {
      open.add(ask("host" + i + ".dead.example"));
    }
    assertEquals(1, alarms.size());
    now.set(TimeUnit.SECONDS.toNanos(19));
    Objects.requireNonNull(alarms.poll()).run();
    assertEquals(1, alarms.size());
    assertTrue(open.stream().noneMatch(CompletableFuture::isDone));
  }

  @Test
  @DisplayName(
      "IO-K9 callers who give up leave nothing in the queue, and the thread they leave serves who asks again")
  void abandoned() throws Exception {
    List<WeakReference<?>> gone = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      Lookup lookup = Lookup.start(resolver, "host" + i + ".dead.example");
      gone.add(new WeakReference<>(lookup));
      lookup.abandon();
    }
    stuck.acquire(32);
    assertEquals(32, threads.size());
    for (WeakReference<?> each : gone) {
      while (each.get() != null) {
        System.gc();
      }
    }
    CompletableFuture<List<InetAddress>> back = ask("host0.dead.example");
    release.countDown();
    assertEquals(List.of(V4, V6), back.get());
    assertEquals(32, calls.get());
  }

  @Test
  @DisplayName("IO-K9 a caller of the stage gives up by cancelling it; the others keep theirs")
  void cancelled() throws Exception {
    CompletableFuture<?> one = ask("a.dead.example");
    CompletableFuture<?> two = ask("a.dead.example");
    assertTrue(one.cancel(true));
    assertFalse(two.isDone());
    release.countDown();
    two.get();
    assertEquals(1, calls.get());
  }

  @Test
  @DisplayName("IO-K9 where no thread can be had the lookup fails, and the next is tried again")
  void noThread() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    ResolverThreads poor =
        new ResolverThreads(
            task -> {
              if (tries.incrementAndGet() == 1) {
                throw new OutOfMemoryError("unable to create native thread");
              }
              task.run();
            },
            now::get,
            (nanos, call) -> {});
    SystemResolver resolver = new SystemResolver(poor, (host, family) -> List.of(V4), any -> null);
    Lookup failed = Lookup.start(resolver, "test.example");
    assertTrue(
        assertThrows(IOException.class, failed::result).getCause() instanceof OutOfMemoryError);
    assertEquals(List.of(V4), Lookup.start(resolver, "test.example").result());
    assertTrue(poor.isIdle());
  }

  @Test
  @DisplayName("IO-K10 reverse lookups run on the same threads, and stuck ones hold up no names")
  void reverseLookups() throws Exception {
    assertEquals("four.example", resolver.reverse(V4).toCompletableFuture().get());
    assertNull(
        resolver
            .reverse(Objects.requireNonNull(IpLiteral.parse("192.0.2.9")))
            .toCompletableFuture()
            .get());
    CompletableFuture<?> never = resolver.reverse(V6).toCompletableFuture();
    stuck.acquire();
    assertEquals(List.of(V4, V6), ask("alive.example").get());
    assertEquals("four.example", resolver.reverse(V4).toCompletableFuture().get());
    // Neither is the same question as the one that is stuck, and neither waits for it.
    assertEquals(List.of(V4, V6), ask(SystemResolver.reverseName(V6)).get());
    assertNull(
        resolver
            .reverse(Objects.requireNonNull(IpLiteral.parse("2001:db8::2")))
            .toCompletableFuture()
            .get());
    assertFalse(never.isDone());
    assertEquals("1.2.0.192.in-addr.arpa", SystemResolver.reverseName(V4));
    assertEquals("1.0.0.0.0.0.db8.2001.ip6.arpa", SystemResolver.reverseName(V6));
  }

  @Test
  @DisplayName("IO-K9 the real threads are daemons, and answers wake who waits")
  void realThreads() throws Exception {
    ResolverThreads real = new ResolverThreads();
    Thread thread =
        real.run("key", "test.example", Thread::currentThread, found -> found)
            .toCompletableFuture()
            .get();
    assertTrue(thread.isDaemon());
    assertEquals("tercet-resolver", thread.getName());
    assertTrue(real.isIdle());
  }
}
