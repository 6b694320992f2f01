package dev.tercet.proto.names;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.proto.names.LookupQueue.Entry;
import dev.tercet.proto.names.LookupQueue.Refusal;
import dev.tercet.support.Stress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class LookupQueueTest {
  private static final long SECOND = 1_000_000_000L;

  private final LookupQueue<String, Integer> queue = new LookupQueue<>();
  private final Map<String, Entry<String, Integer>> running = new HashMap<>();
  private final List<Refusal<Integer>> refused = new ArrayList<>();
  private int tickets;

  /** Returns the ticket. */
  private int ask(String name, long now) {
    queue.ask(name, name, name, ++tickets, now);
    take();
    return tickets;
  }

  private void take() {
    for (Entry<String, Integer> entry : queue.takeStarts()) {
      assertTrue(running.put(entry.work(), entry) == null, "started twice: " + entry.work());
    }
    refused.addAll(queue.takeRefusals());
  }

  private List<Integer> returned(String name, long now) {
    Entry<String, Integer> entry = running.remove(name);
    assertTrue(entry != null, name + " does not run");
    List<Integer> answered = queue.returned(entry, now);
    take();
    return answered;
  }

  private void askMany(int count, String domain, long now) {
    for (int i = 0; i < count; i++) {
      ask("host" + i + domain, now);
    }
  }

  @Test
  @DisplayName("IO-K9 equal questions under way are one lookup, which answers all who are left")
  void shared() {
    int first = ask("a.example", 0);
    int second = ask("a.example", 0);
    int third = ask("a.example", 0);
    assertEquals(Set.of("a.example"), running.keySet());
    queue.leave("a.example", second);
    assertEquals(List.of(first, third), returned("a.example", 1));
    assertTrue(queue.isIdle());
  }

  @Test
  @DisplayName(
      "IO-K9 1,000 names of one domain that never return hold a quarter of the threads; other names start at once")
  void oneDeadDomain() {
    askMany(1_000, ".dead.example", 0);
    assertEquals(LookupQueue.MAX_THREADS / 4, running.size());
    ask("alive.example", 0);
    ask("alive.test", 0);
    ask("localhost", 0);
    assertTrue(running.keySet().containsAll(Set.of("alive.example", "alive.test", "localhost")));
    assertEquals(List.of(), refused);
  }

  @Test
  @DisplayName(
      "IO-K9 a domain holds half of what the one above it may, names without a dot are one domain")
  void halves() {
    askMany(200, ".b.c.d.e", 0);
    assertEquals(8, running.size());
    askMany(200, ".x.c.d.e", 0);
    assertEquals(16, running.size());
    askMany(200, ".y.c.d.e", 0);
    assertEquals(16, running.size(), "c.d.e is full");
    askMany(200, ".e", 0);
    assertEquals(64, running.size());
    askMany(200, "", 0);
    assertEquals(128, running.size());
    ask("other.test", 0);
    assertEquals(128, running.size(), "all threads are taken");
    returned("host0", 1);
    assertTrue(running.containsKey("other.test"), "who waits for any thread comes first");
    // As deep as one likes, a name can be looked up.
    returned("host1", 1);
    ask("1.2.3.4.5.6.7.8.9.a.b.c.test", 1);
    assertEquals(128, running.size());
  }

  @Test
  @DisplayName(
      "IO-K9 a deep domain has two threads, so one stuck name does not hold up its siblings")
  void deep() {
    askMany(5, ".1.2.3.4.5.6.7.8.9.a.b.c.test", 0);
    assertEquals(2, running.size());
  }

  @Test
  @DisplayName("IO-K9 names are of one domain whatever their case and a dot at the end")
  void caseAndDot() {
    askMany(20, ".Dead.example", 0);
    askMany(20, ".dead.EXAMPLE.", 0);
    assertEquals(32, running.size());
    ask("", 0);
    ask(".", 0);
    assertEquals(34, running.size());
  }

  @Test
  @DisplayName("IO-K9 those who wait start in order as others of their domain return")
  void order() {
    askMany(40, ".dead.example", 0);
    assertFalse(running.containsKey("host32.dead.example"));
    returned("host7.dead.example", 1);
    assertTrue(running.containsKey("host32.dead.example"));
    returned("host32.dead.example", 1);
    assertTrue(running.containsKey("host33.dead.example"));
    assertEquals(32, running.size());
  }

  @Test
  @DisplayName(
      "IO-K9 who gives up while waiting leaves nothing behind; who gives up a running lookup can come back")
  void leave() {
    askMany(32, ".dead.example", 0);
    int waiting = ask("later.dead.example", 0);
    int other = ask("later.dead.example", 0);
    queue.leave("later.dead.example", waiting);
    assertTrue(queue.deadlineNanos() != LookupQueue.NEVER);
    queue.leave("later.dead.example", other);
    assertEquals(LookupQueue.NEVER, queue.deadlineNanos());
    queue.leave("later.dead.example", other);
    queue.leave("host0.dead.example", 1);
    int back = ask("host0.dead.example", 5);
    assertEquals(32, running.size());
    assertEquals(List.of(back), returned("host0.dead.example", 6));
    for (int i = 1; i < 32; i++) {
      returned("host" + i + ".dead.example", 7);
    }
    assertTrue(queue.isIdle());
  }

  @Test
  @DisplayName(
      "IO-K9 a full domain of which none returns for 20 s refuses who waits, and who comes, until one returns")
  void stuck() {
    askMany(32, ".dead.example", 0);
    int early = ask("early.dead.example", 5 * SECOND);
    assertEquals(20 * SECOND, queue.deadlineNanos());
    queue.tick(20 * SECOND - 1);
    take();
    assertEquals(List.of(), refused);
    queue.tick(20 * SECOND);
    take();
    assertEquals(List.of(new Refusal<>(List.of(early), "dead.example", 32, 20 * SECOND)), refused);
    assertEquals(LookupQueue.NEVER, queue.deadlineNanos());
    int late = ask("late.dead.example", 23 * SECOND);
    assertEquals(new Refusal<>(List.of(late), "dead.example", 32, 23 * SECOND), refused.get(1));
    ask("alive.example", 23 * SECOND);
    assertTrue(running.containsKey("alive.example"));
    returned("host3.dead.example", 30 * SECOND);
    ask("again.dead.example", 30 * SECOND);
    assertTrue(running.containsKey("again.dead.example"));
    ask("more.dead.example", 31 * SECOND);
    assertEquals(2, refused.size());
    assertEquals(50 * SECOND, queue.deadlineNanos());
  }

  @Test
  @DisplayName("IO-K9 of several full domains the one that is stuck first says when to look")
  void severalStuck() {
    askMany(33, ".first.example", SECOND);
    askMany(33, ".second.test", 3 * SECOND);
    assertEquals(21 * SECOND, queue.deadlineNanos());
    assertFalse(queue.isIdle());
    queue.tick(21 * SECOND);
    take();
    assertEquals(1, refused.size());
    assertEquals(20 * SECOND, refused.get(0).nanos());
    assertEquals(23 * SECOND, queue.deadlineNanos());
    queue.tick(24 * SECOND);
    take();
    assertEquals("second.test", refused.get(1).domain());
    assertEquals(21 * SECOND, refused.get(1).nanos());
    assertEquals(LookupQueue.NEVER, queue.deadlineNanos());
  }

  @Test
  @DisplayName(
      "IO-K9 as long as lookups of a full domain return, however slowly, those who wait go on waiting")
  void progress() {
    askMany(33, ".slow.example", 0);
    returned("host0.slow.example", 19 * SECOND);
    ask("host33.slow.example", 20 * SECOND);
    queue.tick(20 * SECOND);
    take();
    assertEquals(List.of(), refused);
    assertEquals(39 * SECOND, queue.deadlineNanos());
  }

  @Test
  @DisplayName("IO-K9 when everything is stuck, everybody is told so")
  void allStuck() {
    for (String domain : List.of(".a.b", ".c.d", ".e.f", ".g.h")) {
      askMany(1_000, domain, 0);
    }
    assertEquals(128, running.size());
    int ticket = ask("any.test", SECOND);
    queue.tick(20 * SECOND);
    take();
    assertEquals(4_000 + 1, refused.stream().mapToInt(r -> r.tickets().size()).sum() + 128);
    assertTrue(
        refused.contains(new Refusal<>(List.of(ticket), "", 128, 20 * SECOND)),
        () -> refused.get(refused.size() - 1).toString());
  }

  @Test
  @DisplayName(
      "IO-K9 random lookups: never too many of a domain, nobody forgotten, nothing left at the end")
  void random() {
    long first = Stress.seed(LookupQueueTest.class, 1);
    for (long seed = first; seed < first + Stress.rounds(20, 2_000); seed++) {
      randomRun(seed);
    }
  }

  private void randomRun(long seed) {
    LookupQueue<String, Integer> queue = new LookupQueue<>();
    Random random = new Random(seed);
    Map<Integer, String> open = new HashMap<>();
    List<Entry<String, Integer>> running = new ArrayList<>();
    Set<Integer> told = new HashSet<>();
    long now = 0;
    int next = 0;
    for (int step = 0; step < 600 || !running.isEmpty(); step++) {
      now += random.nextInt(100) * SECOND / 100;
      int what = step < 600 ? random.nextInt(10) : 9;
      if (what < 6) {
        String name =
            "h" + random.nextInt(60) + ".d" + random.nextInt(2) + ".e" + random.nextInt(3);
        open.put(++next, name);
        queue.ask(name, name, name, next, now);
      } else if (what < 7 && !open.isEmpty()) {
        Map.Entry<Integer, String> one = open.entrySet().iterator().next();
        queue.leave(one.getValue(), one.getKey());
        open.remove(one.getKey());
      } else if (what < 8) {
        queue.tick(now);
      } else if (!running.isEmpty()) {
        told.addAll(queue.returned(running.remove(random.nextInt(running.size())), now));
      }
      running.addAll(queue.takeStarts());
      queue.takeRefusals().forEach(refusal -> told.addAll(refusal.tickets()));
      open.keySet().removeAll(told);
      Map<String, Integer> held = new HashMap<>();
      Set<String> names = new HashSet<>();
      for (Entry<String, Integer> entry : running) {
        assertTrue(names.add(entry.work()), "seed " + seed + ": twice " + entry.work());
        held.merge(entry.work().substring(entry.work().indexOf('.') + 1), 1, Integer::sum);
        held.merge(entry.work().substring(entry.work().lastIndexOf('.') + 1), 1, Integer::sum);
      }
      held.forEach(
          (domain, count) -> assertTrue(count <= (domain.contains(".") ? 32 : 64), domain));
    }
    assertEquals(Map.of(), open, "seed " + seed + ": nobody is left without an answer");
    assertTrue(queue.isIdle(), "seed " + seed);
  }
}
