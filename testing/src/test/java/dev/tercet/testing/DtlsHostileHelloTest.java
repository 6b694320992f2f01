package dev.tercet.testing;

import static dev.tercet.testing.DtlsPlay.LENIENT;
import static dev.tercet.testing.DtlsPlay.SERVER;
import static dev.tercet.testing.DtlsPlay.address;
import static dev.tercet.testing.DtlsPlay.ask;
import static dev.tercet.testing.DtlsPlay.dial;
import static dev.tercet.testing.DtlsPlay.endpoint;
import static dev.tercet.testing.DtlsPlay.local;
import static dev.tercet.testing.DtlsPlay.serve;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.testing.simulation.Packet;
import dev.tercet.testing.simulation.Simulation;
import dev.tercet.tls.DtlsEndpointStatistics;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hellos that are none, each broken in one place, and such as only the engine finds wrong. The
 * first ten are those that Trio's own tests send.
 */
class DtlsHostileHelloTest {
  private static final int RECORD_LENGTH_AT = 11;
  private static final int MESSAGE_LENGTH_AT = 14;
  private static final int MESSAGE_NUMBER_AT = 17;
  private static final int OFFSET_AT = 19;
  private static final int FRAGMENT_LENGTH_AT = 22;
  private static final int BODY_AT = 25;
  private static final int SESSION_AT = BODY_AT + 2 + 32;

  /** The first one of a client that has no session: the length of its cookie is behind this one. */
  private static final int COOKIE_AT = SESSION_AT + 1;

  /** A class of its own: while it is made, the threads of the simulation need the outer one. */
  private static final class Genuine {
    static final byte[] HELLO = hello();
  }

  private static byte[] hello() {
    List<byte[]> seen = new ArrayList<>();
    try {
      Simulation.run(
          1,
          sim -> {
            sim.network().setRouter(packet -> seen.add(packet.payload()));
            try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
                DtlsEndpoint client = endpoint("192.0.2.2", 0)) {
              boolean unused =
                  CancelScope.moveOnAfter(Duration.ofMillis(1))
                      .run(dial(client, server)::doHandshake);
            }
          });
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    assertEquals(0, seen.get(0)[SESSION_AT], "a session");
    return seen.get(0);
  }

  /** What is counted. */
  private enum As {
    /** It looks like a hello. */
    MALFORMED,
    /** It is for an association, and there is none; one could not read it. */
    OF_NOBODY,
    /** As before, but one could read it: it is a record, though not of this time. */
    A_RECORD
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        // Trio's ten.
        row("nothing at all", As.OF_NOBODY, hello -> new byte[0]),
        row("three letters", As.OF_NOBODY, hello -> new byte[] {'x', 'x', 'x'}),
        row("a record one byte longer than the datagram", As.MALFORMED, recordLength(1)),
        row("the last byte missing", As.MALFORMED, cut(Genuine.HELLO.length - 1)),
        row("cut in the header of the record", As.OF_NOBODY, cut(12)),
        row("cut in the header of the message", As.MALFORMED, cut(20)),
        row("in two pieces", As.MALFORMED, number(FRAGMENT_LENGTH_AT + 1, 2, -1)),
        row(
            "a byte behind the message in its record",
            As.MALFORMED,
            hello -> recordLength(1).apply(Arrays.copyOf(hello, hello.length + 1))),
        row(
            "an empty record",
            As.A_RECORD,
            hello ->
                number(RECORD_LENGTH_AT, 2, 13 - hello.length).apply(Arrays.copyOf(hello, 13))),
        row("ends inside its cookie", As.MALFORMED, hello -> endingIn(withCookie(hello, 32), 16)),
        // And others.
        row("a message one byte longer", As.MALFORMED, number(MESSAGE_LENGTH_AT + 1, 2, 1)),
        row("a message of 16 MiB", As.MALFORMED, number(MESSAGE_LENGTH_AT, 3, 0xFF_0000)),
        row("a piece of its middle", As.MALFORMED, number(OFFSET_AT + 1, 2, 1)),
        row("a record shorter than its message", As.MALFORMED, recordLength(-1)),
        row(
            "the longest record in the longest datagram",
            As.MALFORMED,
            hello -> recordLength(0xFFFF - 500).apply(Arrays.copyOf(hello, 65_507))),
        row("another protocol's version", As.MALFORMED, number(1, 2, 0x0303 - 0xFEFF)),
        row("sealed", As.A_RECORD, number(3, 2, 1)),
        row("ends before its session", As.MALFORMED, hello -> endingAt(hello, SESSION_AT)),
        row("ends before its cookie", As.MALFORMED, hello -> endingAt(hello, COOKIE_AT)),
        row("a session of 33 bytes", As.MALFORMED, number(SESSION_AT, 1, 33)),
        row("a session that goes on behind the end", As.MALFORMED, number(SESSION_AT, 1, 255)),
        row("a cookie that goes on behind the end", As.MALFORMED, number(COOKIE_AT, 1, 255)));
  }

  private static Arguments row(String what, As as, UnaryOperator<byte[]> broken) {
    return Arguments.of(Named.of(what, broken.apply(Genuine.HELLO)), as);
  }

  private static UnaryOperator<byte[]> cut(int length) {
    return hello -> Arrays.copyOf(hello, length);
  }

  private static UnaryOperator<byte[]> recordLength(int by) {
    return number(RECORD_LENGTH_AT, 2, by);
  }

  /** Adds to a number of so many bytes. */
  private static UnaryOperator<byte[]> number(int at, int bytes, int by) {
    return hello -> {
      byte[] changed = hello.clone();
      int number = 0;
      for (int i = at; i < at + bytes; i++) {
        number = (number << 8) | (changed[i] & 0xFF);
      }
      number += by;
      for (int i = at + bytes - 1; i >= at; i--) {
        changed[i] = (byte) number;
        number >>= 8;
      }
      return changed;
    };
  }

  /** The same with a cookie, and with lengths that agree. */
  private static byte[] withCookie(byte[] hello, byte[] cookie) {
    byte[] longer =
        ByteBuffer.allocate(hello.length + cookie.length)
            .put(hello, 0, COOKIE_AT)
            .put((byte) cookie.length)
            .put(cookie)
            .put(hello, COOKIE_AT + 1, hello.length - COOKIE_AT - 1)
            .array();
    return withLengths(longer);
  }

  private static byte[] withCookie(byte[] hello, int bytes) {
    return withCookie(hello, new byte[bytes]);
  }

  /** Ends so many bytes behind the length of its cookie; all other lengths agree. */
  private static byte[] endingIn(byte[] hello, int cookieBytes) {
    return endingAt(hello, COOKIE_AT + 1 + cookieBytes);
  }

  private static byte[] endingAt(byte[] hello, int end) {
    return withLengths(Arrays.copyOf(hello, end));
  }

  private static byte[] withLengths(byte[] hello) {
    ByteBuffer lengths = ByteBuffer.wrap(hello);
    lengths.putShort(RECORD_LENGTH_AT, (short) (hello.length - 13));
    lengths.putShort(MESSAGE_LENGTH_AT + 1, (short) (hello.length - BODY_AT));
    lengths.putShort(FRAGMENT_LENGTH_AT + 1, (short) (hello.length - BODY_AT));
    return hello;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  @DisplayName(
      "DTLS-K12 DTLS-C2 DTLS-C3 a malformed hello is dropped and counted: no answer, nothing kept")
  void dropped(byte[] broken, As as) throws Exception {
    Simulation.run(
        1,
        sim -> {
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
              DtlsEndpoint client = endpoint("192.0.2.2", 5000);
              UdpSocket stranger = UdpSocket.bind("192.0.2.9", 9)) {
            serve(sim, server, DtlsPlay::echo);
            stranger.sendTo(ByteBuffer.wrap(broken), local(server));
            sim.sleep(Duration.ofSeconds(1));
            assertEquals(
                new DtlsEndpointStatistics(
                    1,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    as == As.MALFORMED ? 0 : 1,
                    as == As.MALFORMED ? 1 : 0,
                    0,
                    0,
                    server.statistics().channels()),
                server.statistics());
            DtlsChannel channel = dial(client, server);
            assertEquals("after", ask(channel, "after"));
            // Also from the address of an association, to which it does nothing.
            DtlsEndpointStatistics before = server.statistics();
            sim.network().deliverPacket(Packet.of(local(client), local(server), broken));
            sim.sleep(Duration.ofSeconds(1));
            DtlsEndpointStatistics after = server.statistics();
            assertEquals(before.malformed() + (as == As.A_RECORD ? 0 : 1), after.malformed());
            assertEquals(before.datagramsOut(), after.datagramsOut());
            assertEquals(1, after.accepted());
            assertEquals("still", ask(channel, "still"));
          }
        });
  }

  @Test
  @DisplayName("DTLS-C1 DTLS-C3 what it was made of is a hello: it gets a challenge")
  void wellFormed() throws Exception {
    Simulation.run(
        1,
        sim -> {
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
              UdpSocket stranger = UdpSocket.bind("192.0.2.9", 9)) {
            serve(sim, server, DtlsPlay::echo);
            // With a cookie of any length, and with something behind the record.
            List<byte[]> hellos =
                List.of(
                    Genuine.HELLO,
                    withCookie(Genuine.HELLO, 32),
                    withCookie(Genuine.HELLO, 255),
                    Arrays.copyOf(Genuine.HELLO, Genuine.HELLO.length + 1));
            for (byte[] hello : hellos) {
              stranger.sendTo(ByteBuffer.wrap(hello), local(server));
            }
            sim.sleep(Duration.ofSeconds(1));
            assertEquals(4, server.statistics().challenged());
            assertEquals(2, server.statistics().badCookies());
            assertEquals(0, server.statistics().accepted());
            assertEquals(0, server.statistics().malformed());
          }
        });
  }

  static Stream<Arguments> numbers() {
    long end = 1L << 48;
    return Stream.of(
        Arguments.of(end - 1, 0),
        Arguments.of(end - 4, 0),
        Arguments.of(end - 1000, 0),
        Arguments.of(1 + (1L << 47), 0),
        Arguments.of(0L, 1 << 15),
        Arguments.of(0L, 0xFFFE),
        Arguments.of(end - 1, 0xFFFE));
  }

  @ParameterizedTest(name = "record {0}, message {1}")
  @MethodSource("numbers")
  @DisplayName("DTLS-C17 a hello whose numbers leave no room for a handshake begins none")
  void noRoomForNumbers(long record, int message) throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          serve(sim, server, DtlsPlay::echo);
          assertEquals("before", ask(dial(client, server), "before"));
          try (UdpSocket socket = UdpSocket.bind("192.0.2.9", 9)) {
            RawDtls.Client knocker = new RawDtls.Client(socket, server, 1);
            assertEquals(true, knocker.knock(record, message));
            assertEquals(0, knocker.receive().length);
          }
          sim.sleep(Duration.ofMinutes(2));
          assertEquals(1, server.statistics().accepted());
          assertEquals(1, server.statistics().malformed());
          assertEquals(0, server.statistics().halfOpen());
          assertEquals("after", ask(dial(client, server), "after"));
        });
  }

  @Test
  @DisplayName("DTLS-C17 DTLS-C10 the highest number that is taken is good for a whole handshake")
  void highestNumber() throws Exception {
    DtlsPlay.talk(
        1,
        (sim, server, client) -> {
          serve(sim, server, DtlsPlay::echo);
          List<Long> answered = new ArrayList<>();
          sim.network()
              .setRouter(
                  packet -> {
                    byte[] bytes = packet.payload();
                    ByteBuffer header = ByteBuffer.wrap(bytes);
                    if (packet.destination().equals(local(server)) && header.getLong(3) == 1) {
                      header.putLong(3, 1L << 47);
                    } else if (packet.source().equals(local(server)) && header.getShort(3) == 0) {
                      answered.add(header.getLong(3));
                    }
                    sim.network().deliverPacket(packet.withPayload(bytes));
                  });
          assertEquals("x", ask(dial(client, server), "x"));
          assertEquals(0, answered.get(0), "the challenge");
          assertEquals(1L << 47, answered.get(1), "ServerHello");
        });
  }

  static Stream<Arguments> unreadable() {
    int suitesAt = COOKIE_AT + 1;
    ByteBuffer hello = ByteBuffer.wrap(Genuine.HELLO);
    int extensionsAt = suitesAt + 2 + hello.getShort(suitesAt) + 2;
    return Stream.of(
        Arguments.of(
            Named.of(
                "extensions longer than the hello",
                number(extensionsAt, 2, 1).apply(Genuine.HELLO))),
        Arguments.of(Named.of("half a cipher suite", number(suitesAt, 2, -1).apply(Genuine.HELLO))),
        Arguments.of(Named.of("nothing behind its cookie", endingAt(Genuine.HELLO, suitesAt))),
        Arguments.of(
            Named.of("of no known version", number(BODY_AT, 2, -0x1000).apply(Genuine.HELLO))),
        Arguments.of(Named.of("with no suite that is known", withoutSuites(suitesAt))));
  }

  private static byte[] withoutSuites(int suitesAt) {
    byte[] without = Genuine.HELLO.clone();
    int end = suitesAt + 2 + ByteBuffer.wrap(Genuine.HELLO).getShort(suitesAt);
    for (int at = suitesAt + 2; at < end; at++) {
      without[at] = 0x0A;
    }
    return without;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unreadable")
  @DisplayName(
      "DTLS-C16 a hello that the engine cannot read fails the handshake in its handler, once")
  void unreadable(byte[] hello) throws Exception {
    Simulation.run(
        1,
        sim -> {
          List<Throwable> failures = new ArrayList<>();
          try (DtlsEndpoint server = endpoint("192.0.2.1", 4433);
              DtlsEndpoint client = endpoint("192.0.2.2", 0);
              UdpSocket stranger = UdpSocket.bind("192.0.2.9", 9)) {
            DtlsEndpoint unused =
                sim.nursery()
                    .start(
                        status -> {
                          var unusedReport =
                              server.serve(
                                  SERVER,
                                  channel -> {
                                    if (channel.peerAddress().equals(address("192.0.2.9", 9))) {
                                      failures.add(
                                          assertThrows(
                                              BrokenResourceException.class, channel::doHandshake));
                                    }
                                    DtlsPlay.echo(channel);
                                  },
                                  LENIENT,
                                  status);
                        });
            stranger.sendTo(ByteBuffer.wrap(hello), local(server));
            ByteBuffer challenge = ByteBuffer.allocate(100);
            var unusedFrom = stranger.receiveFrom(challenge);
            byte[] cookie = Arrays.copyOfRange(challenge.array(), 28, 60);
            byte[] answer = number(MESSAGE_NUMBER_AT, 2, 1).apply(withCookie(hello, cookie));
            // Twice: the client repeats itself, and is not refused by one handler after the other.
            stranger.sendTo(ByteBuffer.wrap(answer), local(server));
            sim.sleep(Duration.ofSeconds(1));
            stranger.sendTo(ByteBuffer.wrap(answer), local(server));
            sim.sleep(Duration.ofSeconds(1));
            assertEquals(1, failures.size());
            assertEquals(1, server.statistics().accepted());
            assertEquals(0, server.statistics().halfOpen());
            assertEquals(0, server.statistics().established());
            assertEquals("after", ask(dial(client, server), "after"));
          }
        });
  }
}
