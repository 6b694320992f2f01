package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.support.Stress;
import dev.tercet.tls.ClientHello;
import dev.tercet.tls.TlsVersion;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Hellos that are damaged in all ways. What must hold: a hello, or a wait for more, or the one
 * exception, whose message can be put into a log; the same however the bytes are cut; and what is
 * found can be a name.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class ClientHelloFuzzTest {
  private static final int TIMES = Stress.rounds(20_000, 1_000_000);
  private final long seed = Stress.seed(ClientHelloFuzzTest.class);

  /** A hello, the reason of a refusal, or neither: it waits for more. */
  private record Outcome(@Nullable ClientHello hello, @Nullable String refusal) {}

  private static Outcome parse(byte[] bytes, Random cuts, String what) {
    ClientHelloParser parser = new ClientHelloParser();
    try {
      int at = 0;
      while (at < bytes.length) {
        int length = Math.min(bytes.length - at, 1 + cuts.nextInt(bytes.length));
        parser.feedUntrusted(ByteBuffer.wrap(bytes, at, length));
        at += length;
      }
      return new Outcome(parser.hello(), null);
    } catch (MalformedHelloException e) {
      String reason = e.reason();
      assertTrue(reason.chars().allMatch(c -> c >= ' ' && c <= '~'), () -> what + reason);
      assertTrue(reason.length() < 600, () -> what + reason);
      assertTrue(reason.contains("peer"), () -> what + reason);
      return new Outcome(null, reason);
    } catch (RuntimeException e) {
      throw new AssertionError(what + e, e);
    }
  }

  private static void check(byte[] bytes, Random cuts, String what) {
    Outcome outcome = parse(bytes, cuts, what);
    assertEquals(outcome, parse(bytes, cuts, what), what);
    ClientHello hello = outcome.hello();
    String name = hello == null ? null : hello.serverName();
    if (name != null) {
      assertTrue(name.matches("[a-z0-9_-]+(\\.[a-z0-9_-]+)*"), what + name);
      assertTrue(name.length() <= 255, what + name);
    }
  }

  private static byte[][] seeds() {
    return new byte[][] {
      Hellos.real(TlsVersion.values()),
      Hellos.real(TlsVersion.TLS_1_2),
      Hellos.real(null, new String[0], TlsVersion.TLS_1_3),
      Hellos.fragmented(Hellos.real(TlsVersion.values()), 7),
      Hellos.hello(Hellos.serverName("a.test")),
    };
  }

  @Test
  @DisplayName("TLS-N2 TLS-N3 every single bit of a hello may be wrong")
  void everyBit() {
    for (byte[] hello : seeds()) {
      Random cuts = new Random(seed);
      for (int i = 0; i < hello.length * 8; i++) {
        byte[] damaged = hello.clone();
        damaged[i / 8] ^= (byte) (1 << (i % 8));
        check(damaged, cuts, "seed " + seed + ", bit " + i + ": ");
      }
    }
  }

  @Test
  @DisplayName("TLS-N2 TLS-N3 TLS-R4 no damage makes anything else than the one error, or a hang")
  void damage() {
    byte[][] hellos = seeds();
    for (int i = 0; i < TIMES; i++) {
      Random random = new Random(seed + i);
      byte[] hello = hellos[random.nextInt(hellos.length)].clone();
      int changes = 1 + random.nextInt(4);
      for (int c = 0; c < changes; c++) {
        hello = damage(hello, random);
      }
      check(hello, random, "-Dtercet.seed=" + (seed + i) + ": ");
    }
  }

  private static byte[] damage(byte[] bytes, Random random) {
    if (bytes.length == 0) {
      return bytes;
    }
    int at = random.nextInt(bytes.length);
    int length = random.nextInt(Math.min(40, bytes.length - at) + 1);
    byte[] head = Arrays.copyOf(bytes, at);
    byte[] middle = Arrays.copyOfRange(bytes, at, at + length);
    byte[] tail = Arrays.copyOfRange(bytes, at + length, bytes.length);
    return switch (random.nextInt(7)) {
      case 0 -> {
        byte[] changed = bytes.clone();
        changed[at] = (byte) random.nextInt();
        yield changed;
      }
      case 1 -> {
        // Lengths are small numbers and large ones.
        byte[] changed = bytes.clone();
        changed[at] = new byte[] {0, 1, 2, 0x7f, -1}[random.nextInt(5)];
        yield changed;
      }
      case 2 -> Hellos.join(head, tail);
      case 3 -> Hellos.join(head, middle, middle, tail);
      case 4 -> head;
      case 5 -> {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        yield Hellos.join(head, noise, tail);
      }
      default -> Hellos.join(head, new byte[random.nextInt(70_000)], tail);
    };
  }
}
