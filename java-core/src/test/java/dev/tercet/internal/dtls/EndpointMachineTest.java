package dev.tercet.internal.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.dtls.MachineLan.Flying;
import dev.tercet.internal.dtls.MachineLan.Node;
import dev.tercet.proto.dtls.Association;
import dev.tercet.proto.dtls.Association.State;
import dev.tercet.proto.dtls.CookieGate;
import dev.tercet.proto.dtls.DtlsRecord;
import dev.tercet.proto.dtls.EndpointMachine;
import dev.tercet.proto.dtls.RetransmitTimer;
import dev.tercet.support.Stress;
import dev.tercet.tls.DtlsEndpointStatistics;
import dev.tercet.tls.DtlsLimits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EndpointMachineTest {
  private static final long MILLI = MachineLan.MILLI;

  private final MachineLan lan = new MachineLan(1);
  private final Node server = lan.node("192.0.2.1", 4433).serving();
  private final Node client = lan.node("192.0.2.2", 1000);

  @AfterEach
  void noEngineIsLeft() {
    server.machine.closeAll();
    client.machine.closeAll();
    assertEquals(0, lan.threads.alive());
    assertEquals(0, server.machine.statistics().halfOpen());
    assertEquals(0, server.machine.statistics().established());
    assertEquals(RetransmitTimer.NEVER, server.machine.nextDeadlineNanos());
    assertNull(server.machine.pollOutgoing());
  }

  private DtlsEndpointStatistics served() {
    return server.machine.statistics();
  }

  @Test
  @DisplayName("DTLS-D1 DTLS-B6 nothing is sent before the start, by neither side")
  void lazy() {
    Association out = client.connect(server);
    assertEquals(State.WAITING, out.state());
    lan.settle();
    assertTrue(lan.trace.isEmpty());
    client.start(out);
    lan.settle();
    // Hello, challenge, hello: the server has the address, and says nothing.
    assertEquals(3, lan.trace.size());
    Association in = server.accept();
    assertEquals(State.WAITING, in.state());
    assertEquals(1, served().halfOpen());
    server.start(in);
    lan.settle();
    assertEquals(State.ESTABLISHED, in.state());
    assertEquals(State.ESTABLISHED, out.state());
    assertEquals(0, served().halfOpen());
    assertEquals(1, served().established());
  }

  @Test
  @DisplayName(
      "DTLS-B8 while nobody serves, hellos get no answer; DTLS-C1 a challenge keeps nothing")
  void hellosOfNobodysInterest() {
    server.machine.stopServing();
    Association out = client.connect(server);
    client.start(out);
    lan.settle();
    assertEquals(1, lan.trace.size());
    assertEquals(1, served().hellosIgnored());
    server.machine.startServing(false);
    lan.router = sent -> sent.get(0).from().equals(server.address) ? List.of() : sent;
    lan.runFor(1500 * MILLI);
    assertEquals(1, served().challenged());
    assertEquals(0, served().accepted());
    assertEquals(RetransmitTimer.NEVER, server.machine.nextDeadlineNanos());
  }

  @Test
  @DisplayName(
      "DTLS-C14 the same hello again begins nothing, and has the flight repeated, not often")
  void sameHelloAgain() {
    List<Flying> hellos = new ArrayList<>();
    lan.router =
        sent -> {
          if (sent.get(0).from().equals(client.address)) {
            hellos.add(sent.get(0));
          }
          return sent;
        };
    client.start(client.connect(server));
    lan.settle();
    Flying good = hellos.get(1);
    lan.arrive(good);
    assertEquals(1, served().accepted());
    Association in = server.accept();
    lan.router = sent -> List.of();
    server.start(in);
    int before = lan.trace.size();
    lan.router = sent -> sent.get(0).from().equals(server.address) ? sent : List.of();
    lan.nowNanos += 499 * MILLI;
    lan.arrive(good);
    lan.settle();
    assertEquals(before + 1, lan.trace.size(), "too early for a repetition");
    lan.nowNanos += MILLI;
    lan.arrive(good);
    lan.arrive(good);
    lan.settle();
    assertEquals(1, served().channels().retransmits());
    assertEquals(4, served().hellosRepeated());
    assertNull(server.machine.pollAccepted());
  }

  @Test
  @DisplayName(
      "DTLS-C14 the hello of an association that is over begins none, as long as it may come")
  void helloOfThePast() {
    List<Flying> hellos = new ArrayList<>();
    lan.router =
        sent -> {
          if (sent.get(0).from().equals(client.address)) {
            hellos.add(sent.get(0));
          }
          return sent;
        };
    client.start(client.connect(server));
    lan.settle();
    Association in = server.accept();
    server.start(in);
    server.close(in);
    lan.nowNanos += 20_000 * MILLI;
    lan.arrive(hellos.get(1));
    assertEquals(1, served().accepted());
    assertEquals(1, served().hellosRepeated());
    client.start(client.connect(server));
    lan.settle();
    assertEquals(2, served().accepted());
  }

  @Test
  @DisplayName(
      "DTLS-C15 DTLS-F1 DTLS-L4 the old association is in use until the new one is established")
  void successor() {
    List<Association> first = lan.handshake(client, server);
    Association old = first.get(1);
    // The client has crashed, and comes back from the same port; what its old self sends is late.
    client.machine.send(first.get(0), new byte[] {'o', 'l', 'd'});
    EndpointMachine.Outgoing late = Objects.requireNonNull(client.machine.pollOutgoing());
    Association out = client.connect(server);
    assertEquals(State.REPLACED, first.get(0).state());
    client.start(out);
    lan.settle();
    Association next = server.accept();
    server.start(next);
    assertEquals(State.ESTABLISHED, old.state());
    server.machine.receive(client.address, ByteBuffer.wrap(late.bytes()), lan.nowNanos);
    assertEquals(List.of("old"), MachineLan.drain(old));
    server.send(old, "still here");
    assertEquals(0, served().replaced());
    lan.settle();
    assertEquals(State.ESTABLISHED, next.state());
    assertEquals(State.REPLACED, old.state());
    assertEquals(1, served().replaced());
    client.send(out, "new");
    lan.settle();
    assertEquals(List.of("new"), MachineLan.drain(next));
    // DTLS-F5: the old one takes nothing with it.
    server.close(old);
    server.send(next, "answer");
    lan.settle();
    assertEquals(List.of("answer"), MachineLan.drain(out));
  }

  @Test
  @DisplayName("DTLS-L4 who only reads the cookie breaks nothing; the old one has its address back")
  void successorThatFails() {
    List<Association> first = lan.handshake(client, server);
    client.machine.connect(server.address);
    Association forged = client.connect(server);
    client.start(forged);
    lan.settle();
    lan.router = sent -> List.of();
    Association next = server.accept();
    server.start(next);
    assertEquals(State.ESTABLISHED, first.get(1).state());
    server.close(next);
    lan.router = sent -> sent;
    assertEquals(State.ESTABLISHED, first.get(1).state());
    assertEquals(1, served().established());
    // Its successor gone, clear records are the old one's again, and sealed ones are opened.
    server.send(first.get(1), "back");
    assertEquals(0, served().replaced());
  }

  @Test
  @DisplayName("DTLS-F1 an association that is not established gives way at once, a third one too")
  void halfOpenGivesWay() {
    client.start(client.connect(server));
    lan.settle();
    Association first = server.accept();
    server.start(first);
    Association again = client.connect(server);
    client.start(again);
    lan.settle();
    assertEquals(State.REPLACED, first.state());
    client.start(client.connect(server));
    lan.settle();
    // The second was not taken yet: only the third is there.
    Association third = server.accept();
    assertNull(server.machine.pollAccepted());
    assertEquals(1, served().halfOpen());
    assertEquals(2, served().replaced());
    server.start(third);
    lan.settle();
    assertEquals(State.ESTABLISHED, third.state());
  }

  @Test
  @DisplayName("DTLS-L4 a second attempt replaces the first, and still not the established one")
  void successorOfSuccessor() {
    Association old = lan.handshake(client, server).get(1);
    client.start(client.connect(server));
    lan.settle();
    Association first = server.accept();
    server.start(first);
    client.start(client.connect(server));
    lan.settle();
    assertEquals(State.REPLACED, first.state());
    assertEquals(State.ESTABLISHED, old.state());
    Association second = server.accept();
    server.start(second);
    lan.settle();
    assertEquals(State.ESTABLISHED, second.state());
    assertEquals(State.REPLACED, old.state());
  }

  @Test
  @DisplayName("DTLS-F1 by Trio's rule a good cookie is enough")
  void triosRule() {
    Node trio = lan.node("192.0.2.3", 5);
    trio.machine.startServing(true);
    Association old = lan.handshake(client, trio).get(1);
    client.start(client.connect(trio));
    lan.settle();
    assertEquals(State.REPLACED, old.state());
    trio.machine.closeAll();
  }

  @Test
  @DisplayName("DTLS-D2 DTLS-A5 dialling replaces what the address has, at once, whoever made it")
  void dialling() {
    Association in = lan.handshake(client, server).get(1);
    client.machine.startServing(false);
    Association back = server.connect(client);
    assertEquals(State.REPLACED, in.state());
    server.start(back);
    lan.settle();
    Association accepted = client.accept();
    client.start(accepted);
    lan.settle();
    assertEquals(State.ESTABLISHED, back.state());
    assertEquals(State.ESTABLISHED, accepted.state());
    // Dialled twice, without a start in between: nothing is sent.
    int before = lan.trace.size();
    Association one = server.connect(client);
    Association two = server.connect(client);
    lan.settle();
    assertEquals(State.REPLACED, one.state());
    assertEquals(State.WAITING, two.state());
    assertEquals(before, lan.trace.size());
    assertThrows(IllegalStateException.class, () -> server.machine.send(two, new byte[1]));
  }

  @Test
  @DisplayName("DTLS-L6 hellos beyond the limits are ignored; who is known already may come again")
  void limits() {
    Node small =
        lan.node("192.0.2.9", 9, DtlsLimits.DEFAULT.withMaxHalfOpen(2).withMaxAssociations(3))
            .serving();
    List<Node> clients = new ArrayList<>();
    for (int port = 1; port <= 4; port++) {
      Node one = lan.node("192.0.2.8", port);
      clients.add(one);
      one.start(one.connect(small));
      lan.settle();
    }
    assertEquals(2, small.machine.statistics().halfOpen());
    assertEquals(2, small.machine.statistics().overLimit());
    clients.get(0).start(clients.get(0).connect(small));
    lan.settle();
    assertEquals(2, small.machine.statistics().overLimit());
    assertEquals(2, small.machine.statistics().halfOpen());
    for (int i = 0; i < 2; i++) {
      small.start(small.accept());
    }
    lan.settle();
    assertEquals(2, small.machine.statistics().established());
    lan.runFor(1000 * MILLI);
    // One of the two that were refused has come again, and then there are three.
    assertEquals(1, small.machine.statistics().halfOpen());
    assertEquals(3, small.machine.statistics().overLimit());
    for (Node one : clients) {
      one.machine.closeAll();
    }
    small.machine.closeAll();
  }

  @Test
  @DisplayName("DTLS-B7 who was accepted and is not taken for a minute is dropped")
  void nobodyTakesIt() {
    client.start(client.connect(server));
    lan.settle();
    client.machine.closeAll();
    assertEquals(1, served().halfOpen());
    lan.runFor(EndpointMachine.ACCEPT_LIMIT_NANOS - 20 * MILLI);
    assertTrue(server.machine.hasAccepted());
    lan.runFor(20 * MILLI);
    assertFalse(server.machine.hasAccepted());
    assertEquals(1, served().expired());
  }

  @Test
  @DisplayName("DTLS-A8 DTLS-J1 DTLS-C3 junk and strangers are counted, and nothing else happens")
  void junk() {
    lan.handshake(client, server);
    Random random = new Random(7);
    for (int i = 0; i < 5000; i++) {
      byte[] junk = new byte[random.nextInt(80)];
      random.nextBytes(junk);
      if (junk.length > 13 && i % 2 == 0) {
        junk[0] = DtlsRecord.HANDSHAKE;
        junk[1] = (byte) 0xFE;
        junk[3] = 0;
        junk[4] = 0;
        junk[13] = 1;
      }
      lan.arrive(
          new Flying(
              i % 3 == 0 ? client.address : MachineLan.address("203.0.113.1", 1),
              server.address,
              junk));
    }
    lan.settle();
    assertEquals(1, served().established());
    assertTrue(served().malformed() > 500);
    assertTrue(served().unknownAddress() > 500);
    assertEquals(1, served().accepted());
  }

  @Test
  @DisplayName("DTLS-C6 DTLS-C11 a cookie that is too old gets a new challenge")
  void oldCookie() {
    List<Flying> hellos = new ArrayList<>();
    lan.router =
        sent -> {
          hellos.add(sent.get(0));
          return hellos.size() == 3 ? List.of() : sent;
        };
    client.start(client.connect(server));
    lan.settle();
    lan.nowNanos += 2 * CookieGate.TICK_NANOS;
    lan.arrive(hellos.get(2));
    assertEquals(1, served().badCookies());
    assertEquals(0, served().accepted());
  }

  @Test
  @DisplayName("DTLS-C11 a hello that was sent twice is challenged twice, and answers once")
  void challengedTwice() {
    List<byte[]> challenges = new ArrayList<>();
    lan.router =
        sent -> {
          if (!sent.get(0).from().equals(server.address)) {
            return sent;
          }
          challenges.add(sent.get(0).bytes());
          return List.of();
        };
    client.start(client.connect(server));
    lan.runFor(1100 * MILLI);
    assertEquals(2, challenges.size());
    lan.router = sent -> sent;
    // In one datagram, so that the second is there before the engine has answered the first.
    ByteBuffer both = ByteBuffer.allocate(2 * 60).put(challenges.get(0)).put(challenges.get(1));
    lan.arrive(new Flying(server.address, client.address, both.array()));
    lan.settle();
    Association in = server.accept();
    server.start(in);
    lan.settle();
    assertEquals(State.ESTABLISHED, in.state());
    assertEquals(2, served().challenged());
    assertEquals(1, served().accepted());
  }

  @Test
  @DisplayName(
      "DTLS-I4 DTLS-A6 close_notify takes the association out of the table; what came stays")
  void closeNotify() {
    List<Association> both = lan.handshake(client, server);
    client.send(both.get(0), "last words");
    client.close(both.get(0));
    lan.settle();
    assertEquals(State.PEER_CLOSED, both.get(1).state());
    assertEquals(List.of("last words"), MachineLan.drain(both.get(1)));
    assertEquals(0, served().established());
    lan.arrive(new Flying(client.address, server.address, new byte[20]));
    assertEquals(1, served().unknownAddress());
  }

  @Test
  @DisplayName("DTLS-C14 a hello that comes again in its handshake is known by an old cookie too")
  void repeatedWithAnOldCookie() {
    Association out = client.connect(server);
    client.start(out);
    lan.settle();
    Association in = server.accept();
    lan.router = sent -> sent.get(0).from().equals(server.address) ? List.of() : sent;
    server.start(in);
    // A client repeats itself once a minute in the end; a cookie is good for less.
    lan.runFor(600_000 * MILLI);
    assertEquals(1, served().challenged());
    assertEquals(1, served().accepted());
    assertTrue(served().hellosRepeated() > 5);
    lan.router = sent -> sent;
    lan.runFor(120_000 * MILLI);
    assertEquals(State.ESTABLISHED, out.state());
    assertEquals(State.ESTABLISHED, in.state());
    assertEquals(1, served().accepted());
  }

  @Test
  @DisplayName("DTLS-C12 when nothing can be sent, challenges do not pile up")
  void clogged() {
    List<Flying> hellos = new ArrayList<>();
    lan.router =
        sent -> {
          hellos.add(sent.get(0));
          return List.of();
        };
    client.start(client.connect(server));
    byte[] hello = hellos.get(0).bytes();
    for (int port = 1; port <= 1000; port++) {
      server.machine.receive(
          MachineLan.address("203.0.113.1", port), ByteBuffer.wrap(hello), lan.nowNanos);
    }
    int queued = 0;
    while (server.machine.pollOutgoing() != null) {
      queued++;
    }
    assertEquals(256, queued);
    assertEquals(744, served().challengesDropped());
  }

  @Test
  @DisplayName("who is told of news: each association once, with all that has happened")
  void news() {
    List<Association> both = lan.handshake(client, server);
    while (server.machine.pollChanged() != null) {}
    client.send(both.get(0), "a");
    client.send(both.get(0), "b");
    lan.settle();
    assertSame(both.get(1), server.machine.pollChanged());
    assertNull(server.machine.pollChanged());
    assertEquals(List.of("a", "b"), MachineLan.drain(both.get(1)));
    lan.arrive(new Flying(client.address, server.address, new byte[5]));
    assertNull(server.machine.pollChanged());
  }

  @Test
  @DisplayName("the same seed gives the same bytes on the wire, also through a replacement")
  void sameSeed() {
    long seed = Stress.seed(EndpointMachineTest.class, 5);
    List<String> first = story(seed);
    for (int run = 0; run < Stress.rounds(5, 100); run++) {
      assertEquals(first, story(seed));
    }
    assertNotEquals(first, story(seed + 1));
  }

  private static List<String> story(long seed) {
    MachineLan lan = new MachineLan(seed);
    Node server = lan.node("2001:db8::1", 4433).serving();
    Node client = lan.node("2001:db8::2", 1000);
    Random loss = new Random(seed);
    lan.router = sent -> loss.nextInt(4) == 0 ? List.of() : sent;
    for (int round = 0; round < 3; round++) {
      client.start(client.connect(server));
      for (int second = 0; second < 20; second++) {
        lan.runFor(1000 * MILLI);
        Association in = server.machine.pollAccepted();
        if (in != null) {
          server.start(in);
        }
      }
    }
    server.machine.closeAll();
    client.machine.closeAll();
    return lan.trace;
  }

  @Test
  @DisplayName("DTLS-C13 a challenge has 60 bytes")
  void challenge() {
    lan.router =
        sent -> {
          if (sent.get(0).from().equals(server.address)) {
            assertEquals(60, sent.get(0).bytes().length);
          }
          return sent;
        };
    client.start(client.connect(server));
    lan.settle();
    assertEquals(1, served().challenged());
  }
}
