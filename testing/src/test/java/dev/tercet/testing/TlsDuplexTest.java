package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.ResourceException;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.Stream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Blocking TLS streams that have to send in order to receive, and the other way round. The server
 * asks for new keys (TLS 1.3), behind the back of its stream.
 */
@Timeout(120)
class TlsDuplexTest {
  private static final int OFTEN = 17;

  private static byte[] b(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A pair over watched transports, after the handshake, and the server's engine. */
  private static final class Talk {
    private final AtomicReference<SSLEngine> engine = new AtomicReference<>();
    final TlsStream<WatchedStream> client;
    final TlsStream<WatchedStream> server;

    Talk(TlsVersion version, Pair<? extends Stream> transports)
        throws IOException, InterruptedException {
      TlsServerConfig server =
          TlsPairs.SERVER.withConfigurer((engine, parameters) -> this.engine.set(engine));
      var pair =
          TlsPairs.handshaken(
              TlsPairs.wrap(
                  TlsPairs.watched(transports), TlsPairs.stranger().withVersions(version), server));
      this.client = pair.left();
      this.server = pair.right();
    }

    SSLEngine engine() {
      return Objects.requireNonNull(engine.get());
    }

    /** The next thing that the server sends asks the client for an answer first. */
    void ask() throws IOException {
      engine().beginHandshake();
    }

    /** Asks so often that the answers do not wait for data any more (spec TLS-L4). */
    byte[] askOften() throws IOException, InterruptedException {
      byte[] data = new byte[OFTEN];
      for (int i = 0; i < OFTEN; i++) {
        ask();
        server.sendAll(ByteBuffer.wrap(data, i, 1));
      }
      return data;
    }

    void assertNoOverlap() {
      assertEquals(0, client.transportStream().overlaps.get());
      assertEquals(0, server.transportStream().overlaps.get());
    }
  }

  private static InThread receiving(TlsStream<?> stream, byte[] data) {
    return InThread.start(
        () -> {
          byte[] got = new byte[data.length];
          for (int n = 0; n < got.length; ) {
            byte[] chunk = stream.receiveSome();
            assertTrue(chunk.length > 0, "the end");
            System.arraycopy(chunk, 0, got, n, chunk.length);
            n += chunk.length;
          }
          assertArrayEquals(data, got);
        });
  }

  /** As {@link #receiving}, and goes on until its stream is closed. */
  private static InThread receivingOn(
      TlsStream<?> stream, byte[] data, AtomicReference<byte[]> got, CountDownLatch whole) {
    return InThread.start(
        () -> {
          ByteArrayOutputStream all = new ByteArrayOutputStream();
          try {
            while (all.size() < data.length) {
              all.writeBytes(stream.receiveSome());
            }
          } finally {
            got.set(all.toByteArray());
            whole.countDown();
          }
          assertEquals(0, stream.receiveSome().length);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName(
      "TLS-F6 TLS-L2 TLS-L3 TLS-J9 new keys while both send and receive: the transport has one"
          + " sender and one receiver, no byte is lost")
  void bothWays(boolean lockstep) throws Exception {
    Talk talk =
        new Talk(
            TlsVersion.TLS_1_3, lockstep ? MemoryStreams.lockstepPair() : MemoryStreams.pair());
    TlsInfo before = talk.client.info();
    byte[] data = new byte[300_000];
    new Random(7).nextBytes(data);
    CountDownLatch whole = new CountDownLatch(2);
    AtomicReference<byte[]> clientGot = new AtomicReference<>();
    AtomicReference<byte[]> serverGot = new AtomicReference<>();
    // They go on when they have all: a new handshake may need them.
    InThread clientReads = receivingOn(talk.client, data, clientGot, whole);
    InThread serverReads = receivingOn(talk.server, data, serverGot, whole);
    Nursery.run(
        nursery -> {
          nursery.startSoon(
              () -> {
                for (int at = 0; at < data.length; at += 30_000) {
                  talk.ask();
                  talk.server.sendAll(ByteBuffer.wrap(data, at, 30_000));
                }
              });
          for (int at = 0; at < data.length; at += 10_000) {
            talk.client.sendAll(ByteBuffer.wrap(data, at, 10_000));
            talk.client.doHandshake();
          }
        });
    whole.await();
    assertArrayEquals(data, clientGot.get());
    assertArrayEquals(data, serverGot.get());
    talk.assertNoOverlap();
    assertSame(before, talk.client.info());
    talk.client.closeForcefully();
    assertInstanceOf(ClosedResourceException.class, clientReads.outcome());
    talk.server.closeForcefully();
    assertInstanceOf(ResourceException.class, serverReads.outcome());
  }

  private static byte[] andMore(byte[] data) {
    return Arrays.copyOf(data, data.length + 4);
  }

  @Test
  @DisplayName("TLS-L4 TLS-E3 TLS-E4 a wait to send that comes while receiving sends waits for it")
  void waitBehindReceive() throws Exception {
    Talk talk = new Talk(TlsVersion.TLS_1_3, MemoryStreams.pair());
    WatchedStream below = talk.client.transportStream();
    CountDownLatch gate = new CountDownLatch(1);
    below.sendHook = gate::await;
    InThread serverReads = receiving(talk.server, b("up"));
    byte[] down = talk.askOften();
    int sends = below.sends.get();
    // What the client was asked for so often it has to answer before it waits for more.
    InThread clientReads = receiving(talk.client, andMore(down));
    while (below.sends.get() == sends) {
      Thread.onSpinWait();
    }
    InThread waiter = InThread.start(talk.client::waitSendAllMightNotBlock).awaitParked();
    assertTrue(waiter.thread.isAlive(), "it did not wait for the sender");
    assertEquals(0, below.waits.get());
    gate.countDown();
    assertNull(waiter.outcome());
    assertEquals(1, below.waits.get());
    talk.client.sendAll(b("up"));
    assertNull(serverReads.outcome());
    talk.server.sendAll(new byte[4]);
    assertNull(clientReads.outcome());
    talk.assertNoOverlap();
  }

  @Test
  @DisplayName("TLS-L4 TLS-E3 receiving that has to send while a task waits to send comes after it")
  void receiveBehindWait() throws Exception {
    Talk talk = new Talk(TlsVersion.TLS_1_3, MemoryStreams.pair());
    WatchedStream below = talk.client.transportStream();
    CountDownLatch room = new CountDownLatch(1);
    below.waitHook = room::await;
    InThread waiter = InThread.start(talk.client::waitSendAllMightNotBlock).awaitParked();
    assertEquals(1, below.waits.get());
    int sends = below.sends.get();
    InThread serverReads = receiving(talk.server, b("up"));
    byte[] down = talk.askOften();
    InThread clientReads = receiving(talk.client, andMore(down)).awaitParked();
    assertEquals(sends, below.sends.get(), "it sent while another task was waiting to send");
    room.countDown();
    assertNull(waiter.outcome());
    talk.client.sendAll(b("up"));
    assertNull(serverReads.outcome());
    talk.server.sendAll(new byte[4]);
    assertNull(clientReads.outcome());
    talk.assertNoOverlap();
  }

  @Test
  @DisplayName("TLS-K5 after the first handshake neither side asks for another")
  void neverBegins() throws Exception {
    Talk talk = new Talk(TlsVersion.TLS_1_2, MemoryStreams.pair());
    List<Integer> clientHandshake = talk.client.transportStream().sentRecords();
    List<Integer> serverHandshake = talk.server.transportStream().sentRecords();
    byte[] data = new byte[100_000];
    InThread serverReads = receiving(talk.server, data);
    InThread clientReads = receiving(talk.client, data);
    talk.client.sendAll(data);
    talk.server.sendAll(data);
    assertNull(serverReads.outcome());
    assertNull(clientReads.outcome());
    talk.client.doHandshake();
    talk.client.close();
    assertEquals(0, talk.server.receiveSome().length);
    talk.server.close();
    List<Integer> client = talk.client.transportStream().sentRecords();
    List<Integer> server = talk.server.transportStream().sentRecords();
    assertEquals(Set.of(23, 21), Set.copyOf(client.subList(clientHandshake.size(), client.size())));
    assertEquals(Set.of(23, 21), Set.copyOf(server.subList(serverHandshake.size(), server.size())));
  }

  @Test
  @DisplayName("TLS-K1 a server that begins a new handshake is Broken, and is told close_notify")
  void serverBegins() throws Exception {
    Talk talk = new Talk(TlsVersion.TLS_1_2, MemoryStreams.pair());
    talk.server.sendAll(b("before"));
    assertArrayEquals(b("before"), talk.client.receiveSome());
    talk.ask();
    talk.server.sendAll(b("down"));
    BrokenResourceException thrown =
        assertThrows(BrokenResourceException.class, () -> talk.client.receiveSome());
    assertTrue(thrown.reason().contains("renegotiation, which is not allowed"), thrown.reason());
    assertThrows(BrokenResourceException.class, () -> talk.client.sendAll(b("x")));
    // What the server's engine makes of it: it is in the middle of its handshake.
    BrokenResourceException told =
        assertThrows(BrokenResourceException.class, () -> talk.server.receiveSome());
    assertTrue(told.reason().contains("close_notify"), told.reason());
  }
}
