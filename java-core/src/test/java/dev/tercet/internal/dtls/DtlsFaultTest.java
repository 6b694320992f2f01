package dev.tercet.internal.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.internal.dtls.MachineLan.Flying;
import dev.tercet.internal.dtls.bouncycastle.Identities;
import dev.tercet.proto.dtls.Association;
import dev.tercet.proto.dtls.DtlsRecord;
import dev.tercet.proto.dtls.HandshakeEngine;
import dev.tercet.proto.dtls.HandshakeMessage;
import dev.tercet.proto.dtls.RecordProtection;
import dev.tercet.proto.dtls.RetransmitTimer;
import dev.tercet.tls.DtlsInfo;
import dev.tercet.tls.DtlsLimits;
import dev.tercet.tls.DtlsServerConfig;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Something throws what nobody expects, at each place where a datagram, a timer or a call may bring
 * it about: one association fails, and everything else goes on.
 */
class DtlsFaultTest {
  private static final long SECOND = 1_000_000_000L;
  private static final InetSocketAddress VICTIM = MachineLan.address("192.0.2.2", 1000);
  private static final InetSocketAddress OTHER = MachineLan.address("192.0.2.3", 1000);

  private final Logger logger = Logger.getLogger("dev.tercet.dtls");
  private final List<LogRecord> logged = new ArrayList<>();
  private final StubSocket socket = new StubSocket();
  private final EndpointCore core = EndpointCore.of(socket, DtlsLimits.DEFAULT);

  /** A logging system that fails each time, as one does that needs memory and has none. */
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          logged.add(record);
          throw new IllegalStateException("the disk is full");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void close() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
    core.close();
    assertEquals(RetransmitTimer.NEVER, core.machine.nextDeadlineNanos());
  }

  // ------------------------------------------------------------------------- about one association

  /** Where it is thrown. */
  private enum At {
    START,
    POLL,
    FEED,
    TIME_LIMIT,
    OPEN,
    OPEN_BEHIND_A_SUCCESSOR,
    SEAL,
    CLOSE_NOTIFY,
    ABORT
  }

  static Stream<Arguments> faults() {
    List<Named<Supplier<Throwable>>> kinds =
        List.of(
            Named.of("a bug", () -> new IllegalArgumentException("record number 281474976710656")),
            Named.of("a full stack", StackOverflowError::new),
            Named.of("a missing class", () -> new NoClassDefFoundError("java/lang/Anything")),
            Named.of("a full heap", () -> new OutOfMemoryError("Java heap space")),
            Named.of("a text that fails", Unreadable::new));
    return Stream.of(At.values()).flatMap(at -> kinds.stream().map(kind -> Arguments.of(at, kind)));
  }

  private static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no text");
    }
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("faults")
  @DisplayName("DTLS-L19 what an engine or its keys throw fails that association, and nothing else")
  void oneAssociation(At at, Supplier<Throwable> kind) throws Exception {
    Throwable thrown = kind.get();
    FaultyEngine engine = new FaultyEngine(at, thrown);
    ChannelCore victim = channel(VICTIM, engine);
    ChannelCore other = channel(OTHER, new FaultyEngine(At.START, null));
    assertFalse(other.tryHandshake(SECOND));
    assertFalse(at != At.START && at != At.POLL && victim.tryHandshake(SECOND));
    // The hello of the other goes out again, 1, 3 and 7 s after the first time.
    switch (at) {
      case START, POLL -> assertThrows(BrokenResourceException.class, () -> handshake(victim));
      case FEED -> socket.arrives(VICTIM, message());
      case TIME_LIMIT -> socket.pass(2 * SECOND);
      case OPEN, SEAL, CLOSE_NOTIFY, OPEN_BEHIND_A_SUCCESSOR -> {
        socket.arrives(VICTIM, message());
        assertTrue(victim.tryHandshake(SECOND));
        act(at, victim);
      }
      case ABORT -> victim.close(true);
    }
    socket.pass(SECOND / 2);
    assertTrue(socket.isRead(), "the pump waits");
    // What cannot be printed is logged again with the name of its class.
    assertEquals(thrown instanceof Unreadable ? 2 : 1, logged.size(), "log entries");
    assertSame(thrown, logged.get(0).getThrown());
    if (at != At.CLOSE_NOTIFY && at != At.ABORT) {
      BrokenResourceException e =
          assertThrows(BrokenResourceException.class, () -> handshake(victim));
      assertSame(thrown, e.getCause());
    }
    assertEquals(at == At.OPEN_BEHIND_A_SUCCESSOR ? 1 : 0, core.machine.statistics().halfOpen());
    assertEquals(0, core.machine.statistics().established());
    int before = socket.sentTo.size();
    socket.pass(10 * SECOND);
    assertTrue(socket.sentTo.subList(before, socket.sentTo.size()).contains(OTHER), "timers go on");
    socket.arrives(OTHER, message());
    assertTrue(other.tryHandshake(SECOND));
    socket.arrives(OTHER, record(DtlsRecord.APPLICATION_DATA, 1, 1, new byte[] {42}));
    assertEquals(42, Objects.requireNonNull(other.tryReceive())[0]);
    victim.close(false);
    core.stopServing();
    assertEquals(0, core.machine.statistics().halfOpen());
  }

  private static void handshake(ChannelCore channel) throws Exception {
    boolean unused = channel.tryHandshake(SECOND);
  }

  private void act(At at, ChannelCore victim) throws Exception {
    byte[] data = record(DtlsRecord.APPLICATION_DATA, 1, 1, new byte[1]);
    switch (at) {
      case OPEN -> socket.arrives(VICTIM, data);
      case SEAL ->
          assertThrows(
              BrokenResourceException.class, () -> victim.trySend(ByteBuffer.wrap(new byte[1])));
      case CLOSE_NOTIFY -> victim.close(true);
      case OPEN_BEHIND_A_SUCCESSOR -> {
        core.startServing(DtlsServerConfig.of(Identities.SMALL.identity()));
        succeed();
        socket.arrives(VICTIM, data);
      }
      default -> throw new AssertionError(at);
    }
  }

  /** A client with a good cookie comes from the victim's address. */
  private void succeed() {
    MachineLan lan = new MachineLan(3);
    MachineLan.Node client = lan.node("192.0.2.2", 1000);
    List<Flying> sent = new ArrayList<>();
    lan.router =
        flying -> {
          sent.addAll(flying);
          return List.of();
        };
    client.start(client.machine.connect(socket.localAddress()));
    byte[] challenge;
    core.lock.lock();
    try {
      core.machine.receive(VICTIM, ByteBuffer.wrap(sent.get(0).bytes()), socket.nowNanos);
      challenge = Objects.requireNonNull(core.machine.pollOutgoing()).bytes();
    } finally {
      core.lock.unlock();
    }
    client.machine.receive(socket.localAddress(), ByteBuffer.wrap(challenge), lan.nowNanos);
    lan.pump();
    socket.arrives(VICTIM, sent.get(1).bytes());
    client.machine.closeAll();
    assertEquals(1, core.machine.statistics().halfOpen());
  }

  private ChannelCore channel(InetSocketAddress peer, FaultyEngine engine) {
    long limit = engine.at == At.TIME_LIMIT ? 2 : 1000;
    HandshakePlan plan = new HandshakePlan(association -> engine, limit * SECOND, true);
    core.lock.lock();
    try {
      Association association = core.machine.connect(peer);
      return new ChannelCore(core, association, plan);
    } finally {
      core.lock.unlock();
    }
  }

  // ------------------------------------------------------------------------- about none

  static Stream<Named<Throwable>> strays() {
    return Stream.of(
        Named.of("a bug", new IllegalArgumentException("?")),
        Named.of("a full stack", new StackOverflowError()),
        Named.of("a missing class", new NoClassDefFoundError("java/lang/Anything")),
        Named.of("a full heap", new OutOfMemoryError("Direct buffer memory")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("strays")
  @DisplayName(
      "DTLS-L19 what is thrown about no association is logged, once a second, and that is all")
  void strays(Throwable thrown) throws Exception {
    core.startServing(DtlsServerConfig.of(Identities.SMALL.identity()));
    byte[] hello = hello();
    socket.pass(0);
    for (int i = 0; i < 5; i++) {
      socket.onRandom = thrown;
      socket.arrives(VICTIM, hello);
    }
    assertEquals(1, logged.size());
    assertEquals(List.of(), socket.sentTo);
    socket.pass(SECOND);
    socket.onReceive = thrown;
    socket.arrives(VICTIM, hello);
    assertEquals(2, logged.size());
    socket.pass(SECOND);
    assertEquals(List.of(VICTIM), socket.sentTo, "the datagram behind it was read");
    socket.onSend = thrown;
    socket.arrives(VICTIM, hello);
    assertEquals(3, logged.size());
    socket.pass(SECOND);
    socket.onInstall = thrown;
    socket.arrives(OTHER, hello);
    assertEquals(4, logged.size());
    socket.pass(SECOND);
    assertTrue(socket.isRead());
    socket.arrives(OTHER, hello);
    assertEquals(List.of(VICTIM, OTHER, OTHER), socket.sentTo);
    assertFalse(core.isClosed());
  }

  @Test
  @DisplayName("DTLS-L19 an alarm that cannot be set is set by what comes next")
  void alarm() throws Exception {
    ChannelCore channel = channel(VICTIM, new FaultyEngine(At.START, null));
    socket.onAlarm = new OutOfMemoryError("Java heap space");
    assertFalse(channel.tryHandshake(SECOND));
    socket.arrives(OTHER, new byte[1]);
    socket.pass(SECOND);
    assertEquals(List.of(VICTIM, VICTIM), socket.sentTo);
    assertEquals(1, logged.size());
  }

  private byte[] hello() {
    MachineLan lan = new MachineLan(3);
    MachineLan.Node client = lan.node("192.0.2.2", 1000);
    List<Flying> sent = new ArrayList<>();
    lan.router =
        flying -> {
          sent.addAll(flying);
          return List.of();
        };
    client.start(client.machine.connect(socket.localAddress()));
    client.machine.closeAll();
    return sent.get(0).bytes();
  }

  // ------------------------------------------------------------------------- what they speak

  private static byte[] record(int type, int epoch, long number, byte[] content) {
    return ByteBuffer.allocate(DtlsRecord.HEADER_BYTES + content.length)
        .put((byte) type)
        .putShort((short) DtlsRecord.VERSION_1_2)
        .putLong((long) epoch << 48 | number)
        .putShort((short) content.length)
        .put(content)
        .array();
  }

  /** The server's answer to the hello, whatever it says. */
  private static byte[] message() {
    return record(
        DtlsRecord.HANDSHAKE,
        0,
        1,
        new HandshakeMessage(HandshakeMessage.SERVER_HELLO, 0, DtlsRecord.VERSION_1_2, new byte[40])
            .fragments()
            .get(0));
  }

  private static void raise(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) thrown;
  }

  /** Says something, and is done when it is answered. Throws at one place, once or not at all. */
  private static final class FaultyEngine implements HandshakeEngine, RecordProtection {
    private final At at;
    private @Nullable Throwable thrown;
    private int steps;

    FaultyEngine(At at, @Nullable Throwable thrown) {
      this.at = at;
      this.thrown = thrown;
    }

    private void visit(At here) {
      Throwable now = thrown;
      if (here == at && now != null) {
        thrown = null;
        raise(now);
      }
    }

    @Override
    public void start() {
      visit(At.START);
    }

    @Override
    public void feed(byte[] record) {
      visit(At.FEED);
    }

    @Override
    public Step poll() {
      visit(At.POLL);
      if (steps++ > 0) {
        return new Step(List.of(), this, null);
      }
      byte[] body =
          new HandshakeMessage(
                  HandshakeMessage.CLIENT_HELLO, 0, DtlsRecord.VERSION_1_2, new byte[60])
              .fragments()
              .get(0);
      return new Step(List.of(record(DtlsRecord.HANDSHAKE, 0, 0, body)), null, null);
    }

    @Override
    public void abort() {
      visit(At.ABORT);
      visit(At.TIME_LIMIT);
    }

    @Override
    public Opened open(DtlsRecord record) {
      visit(At.OPEN);
      visit(At.OPEN_BEHIND_A_SUCCESSOR);
      byte[] data = new byte[record.fragment().remaining()];
      record.fragment().get(data);
      return new Opened(Content.DATA, data);
    }

    @Override
    public byte[] seal(byte[] data) {
      visit(At.SEAL);
      return record(DtlsRecord.APPLICATION_DATA, 1, 1, data);
    }

    @Override
    public byte[] closeNotify() {
      visit(At.CLOSE_NOTIFY);
      return record(DtlsRecord.ALERT, 1, 2, new byte[2]);
    }

    @Override
    public DtlsInfo info() {
      return new DtlsInfo("DTLSv1.2", "none", null, List.of(), List.of(), false);
    }

    @Override
    public int cleartextBytes(int datagramBytes) {
      return datagramBytes;
    }
  }
}
