package dev.tercet.testing;

import static dev.tercet.testing.DtlsPlay.CLIENT;
import static dev.tercet.testing.DtlsPlay.LENIENT;
import static dev.tercet.testing.DtlsPlay.NAME;
import static dev.tercet.testing.DtlsPlay.SERVER;
import static dev.tercet.testing.DtlsPlay.ask;
import static dev.tercet.testing.DtlsPlay.dial;
import static dev.tercet.testing.DtlsPlay.endpoint;
import static dev.tercet.testing.DtlsPlay.local;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.support.Stress;
import dev.tercet.testing.simulation.Packet;
import dev.tercet.testing.simulation.Router;
import dev.tercet.testing.simulation.SimulatedNetwork;
import dev.tercet.testing.simulation.Simulation;
import dev.tercet.tls.DtlsLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Whole conversations of peers that choose numbers, lengths and epochs at the ends of their ranges,
 * with cookies that are good. After each the endpoint serves those who behave, and in the end it
 * holds nothing.
 */
class DtlsConversationFuzzTest {
  private static final int ATTACKS = 60;

  /** Simulations, one after the other: each keeps the trace of its network in memory. */
  private static final int RUNS = Stress.rounds(1, 80);

  /** What a heap grows by itself; one kept datagram for each attack would be more. */
  private static final long NOISE_BYTES = 8_000_000;

  private static final long[] RECORDS = {
    0,
    1,
    2,
    0xFFFF,
    0x1_0000,
    0x7FFF_FFFFL,
    0xFFFF_FFFFL,
    (1L << 47) - 1,
    1L << 47,
    (1L << 47) + 1,
    (1L << 48) - 5,
    (1L << 48) - 4,
    (1L << 48) - 3,
    (1L << 48) - 2,
    (1L << 48) - 1
  };
  private static final int[] MESSAGES = {0, 1, 2, 3, 17, 18, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF};
  private static final int[] EPOCHS = {0, 0, 0, 1, 2, 0x7FFF, 0x8000, 0xFFFF};
  private static final int[] SIZES = {
    0, 1, 2, 11, 12, 13, 255, 256, 0x3FFF, 0x4000, 0x8000, 0xFFFF, 0x1_0000, 0xFF_FFFE, 0xFF_FFFF
  };
  private static final int[] TYPES = {0, 1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 20, 22, 67, 255};

  private final long seed = Stress.seed(DtlsConversationFuzzTest.class);
  private final Random random = new Random(seed);
  private final Logger logger = Logger.getLogger("dev.tercet.dtls");
  private final List<String> logged = new ArrayList<>();

  /** What is thrown inside is contained, and logged; but nothing should be thrown. */
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          logged.add(record.getMessage() + ": " + record.getThrown());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    logger.addHandler(handler);
  }

  @AfterEach
  void nothingWasThrown() {
    logger.removeHandler(handler);
    assertEquals(List.of(), logged, () -> "seed " + seed);
  }

  @Test
  @DisplayName("DTLS-L19 DTLS-L5 DTLS-C17 whatever a client says, the server serves the others")
  void clients() throws Exception {
    for (long each = seed; each < seed + RUNS; each++) {
      random.setSeed(each);
      attacks(each);
    }
  }

  private void attacks(long seed) throws Exception {
    DtlsLimits limits = DtlsLimits.DEFAULT.withMaxHalfOpen(40).withMaxAssociations(100);
    AtomicInteger handlers = new AtomicInteger();
    Simulation.run(
        seed,
        sim -> {
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433, limits);
              DtlsEndpoint honest = endpoint("192.0.2.2", 5000)) {
            sim.nursery()
                .start(
                    status -> {
                      var unused =
                          server.serve(
                              SERVER,
                              channel -> {
                                handlers.incrementAndGet();
                                try {
                                  DtlsPlay.echo(channel);
                                } finally {
                                  handlers.decrementAndGet();
                                }
                              },
                              LENIENT,
                              status);
                    });
            DtlsChannel channel = dial(honest, server);
            assertEquals("hello", ask(channel, "hello"));
            long before = 0;
            for (int i = 0; i < ATTACKS; i++) {
              if (i == ATTACKS / 3) {
                before = usedBytes();
              }
              attack(sim, server, local(honest), i);
              String word = "seed " + seed + " attack " + i;
              assertEquals(word, ask(channel, word));
              sim.sleep(Duration.ofMillis(random.nextInt(2000)));
              if (i % 5 == 0) {
                try (DtlsEndpoint next = endpoint("192.0.2.3", 0)) {
                  DtlsChannel other = dial(next, server);
                  assertEquals(word, ask(other, word));
                  other.close();
                }
              }
            }
            sim.sleep(Duration.ofMinutes(3));
            assertEquals(0, server.statistics().halfOpen(), "seed " + seed);
            assertEquals(1, server.statistics().established(), "seed " + seed);
            assertEquals(1, handlers.get(), "seed " + seed);
            long grown = usedBytes() - before;
            for (int tries = 0; grown >= NOISE_BYTES && tries < 20; tries++) {
              grown = usedBytes() - before;
            }
            assertTrue(grown < NOISE_BYTES, "seed " + seed + ", grown by " + grown + " bytes");
            timersRun(sim, server);
          }
        });
  }

  @Test
  @DisplayName("DTLS-L19 DTLS-L5 whatever a server says, the handshake ends, and the next is done")
  void servers() throws Exception {
    for (int i = 0; i < Stress.rounds(20, 1000); i++) {
      String what = "seed " + seed + " attack " + i;
      Simulation.run(
          seed + i,
          sim -> {
            try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
                DtlsEndpoint client = endpoint("192.0.2.2", 5000)) {
              DtlsPlay.serve(sim, server, DtlsPlay::echo);
              SimulatedNetwork network = sim.network();
              Router open = network.router();
              network.setRouter(
                  packet -> {
                    boolean isToServer = packet.destination().equals(local(server));
                    for (int n = random.nextInt(4); n > 0 && isToServer; n--) {
                      network.deliverPacket(Packet.of(local(server), local(client), junk(false)));
                    }
                    open.route(packet);
                  });
              DtlsChannel channel =
                  client.connect(
                      local(server), NAME, CLIENT.withHandshakeTimeout(Duration.ofSeconds(20)));
              try {
                channel.doHandshake();
              } catch (BrokenResourceException e) {
                // Before there are keys, whoever writes in the server's name can end it.
              }
              network.setRouter(open);
              assertEquals(what, ask(dial(client, server), what));
              timersRun(sim, server);
            }
          });
    }
  }

  /**
   * A client whose second ClientHello is lost needs the timer of its own side and of nobody else.
   */
  private static void timersRun(Simulation sim, DtlsEndpoint server) throws Exception {
    Router open = sim.network().router();
    int[] lost = {0};
    sim.network()
        .setRouter(
            packet -> {
              // The server's first flight, whose repetition is the server's.
              if (packet.payload().length < 200 || lost[0]++ > 0) {
                open.route(packet);
              }
            });
    try (DtlsEndpoint client = endpoint("192.0.2.4", 0)) {
      assertEquals("late", ask(dial(client, server), "late"));
    }
    sim.network().setRouter(open);
    assertTrue(lost[0] > 1, "nothing was lost");
  }

  // ------------------------------------------------------------------------- what they say

  private void attack(Simulation sim, DtlsEndpoint server, InetSocketAddress honest, int number)
      throws IOException, InterruptedException {
    String from = "198.51.100." + (1 + random.nextInt(5));
    try (UdpSocket socket = UdpSocket.bind(from, 1 + number % 60_000)) {
      RawDtls.Client client = new RawDtls.Client(socket, server, random.nextLong());
      boolean isIn =
          switch (random.nextInt(4)) {
            case 0 -> client.knock(record(), message());
            case 1 -> client.knock(record(), 0);
            case 2 -> client.knock(0, 0);
            default -> false;
          };
      if (isIn && random.nextBoolean()) {
        sim.sleep(Duration.ofMillis(1));
        client.send(RawDtls.message(16, record(), 2, RawDtls.keyExchange()));
        if (random.nextBoolean()) {
          client.send(RawDtls.record(RawDtls.CIPHER_CHANGE, 0, record(), RawDtls.bytes(1)));
        }
      }
      for (int n = random.nextInt(40); n > 0; n--) {
        byte[] datagram = junk(true);
        client.send(datagram);
        if (random.nextInt(4) == 0) {
          sim.network().deliverPacket(Packet.of(honest, local(server), datagram));
        }
        if (random.nextInt(10) == 0) {
          sim.sleep(Duration.ofMillis(random.nextInt(1500)));
        }
      }
    }
  }

  private long record() {
    return random.nextInt(4) == 0
        ? random.nextLong() & 0xFFFF_FFFF_FFFFL
        : RECORDS[random.nextInt(RECORDS.length)];
  }

  private int message() {
    return random.nextInt(4) == 0 ? random.nextInt(0x1_0000) : any(MESSAGES);
  }

  private int any(int[] some) {
    return some[random.nextInt(some.length)];
  }

  /** One to three records, the last one perhaps cut. */
  private byte[] junk(boolean isToServer) {
    ByteArrayOutputStream datagram = new ByteArrayOutputStream();
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      datagram.writeBytes(oneRecord(isToServer));
    }
    byte[] bytes = datagram.toByteArray();
    return Arrays.copyOf(
        bytes, random.nextInt(5) == 0 ? random.nextInt(bytes.length) : bytes.length);
  }

  private byte[] oneRecord(boolean isToServer) {
    int epoch = any(EPOCHS);
    byte[] record =
        switch (random.nextInt(7)) {
          case 0 -> hello();
          case 1 -> challenge();
          case 2 -> RawDtls.record(RawDtls.CIPHER_CHANGE, epoch, record(), RawDtls.bytes(1));
          case 3 -> RawDtls.record(RawDtls.ALERT, epoch, record(), content(2));
          case 4 -> RawDtls.record(RawDtls.DATA, epoch, record(), content(random.nextInt(2000)));
          case 5 -> RawDtls.record(19 + random.nextInt(8), epoch, record(), content(40));
          default -> RawDtls.record(RawDtls.HANDSHAKE, epoch, record(), fragment(isToServer));
        };
    if (random.nextInt(8) == 0) {
      // A length that is not that of the content.
      ByteBuffer.wrap(record).putShort(11, (short) any(SIZES));
    }
    return record;
  }

  private byte[] fragment(boolean isToServer) {
    byte[] part = content(random.nextInt(10) == 0 ? random.nextInt(8000) : random.nextInt(60));
    int number = isToServer && random.nextBoolean() ? 2 + random.nextInt(16) : message();
    byte[] fragment = RawDtls.part(any(TYPES), any(SIZES), number, any(SIZES), part);
    if (random.nextInt(6) == 0) {
      // The length of the part, too, is the sender's word.
      ByteBuffer.wrap(fragment).put(9, (byte) random.nextInt()).putShort(10, (short) any(SIZES));
    }
    return fragment;
  }

  private byte[] hello() {
    byte[] hello = RawDtls.hello(content(32), content(random.nextInt(256)), record(), message());
    if (random.nextBoolean()) {
      // The lengths of the session and of whatever is then found behind it.
      hello[RawDtls.HEADERS_BYTES + 2 + 32 + random.nextInt(3)] = (byte) any(SIZES);
    }
    return hello;
  }

  private byte[] challenge() {
    byte[] cookie = content(random.nextInt(256));
    byte[] body = new byte[3 + cookie.length];
    body[0] = (byte) 0xFE;
    body[1] = (byte) 0xFF;
    body[2] = (byte) (random.nextInt(4) == 0 ? any(SIZES) : cookie.length);
    System.arraycopy(cookie, 0, body, 3, cookie.length);
    return RawDtls.message(3, record(), random.nextBoolean() ? 0 : message(), body);
  }

  private byte[] content(int bytes) {
    byte[] content = new byte[bytes];
    random.nextBytes(content);
    return content;
  }

  private static long usedBytes() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
