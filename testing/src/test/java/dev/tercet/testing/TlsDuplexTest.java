package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.BrokenResourceException;
import dev.tercet.ClosedResourceException;
import dev.tercet.ResourceException;
import dev.tercet.TlsConfig;
import dev.tercet.TlsInfo;
import dev.tercet.TlsServerConfig;
import dev.tercet.TlsTrust;
import dev.tercet.TlsVersion;
import dev.tercet.stream.Stream;
import dev.tercet.task.Nursery;
import dev.tercet.testing.MemoryStreams.Pair;
import dev.tercet.tls.TlsStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Blocking TLS streams that have to send in order to receive, and the other way round. The server
 * asks for a new handshake (TLS 1.2) or for new keys (TLS 1.3), behind the back of its stream.
 */
@Timeout(120)
class TlsDuplexTest {
  private static final int ALERT = 21;
  private static final int HANDSHAKE = 22;

  private static byte[] b(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** A pair over watched transports, after the handshake, and the server's engine. */
  private static final class Talk {
    private final AtomicReference<SSLEngine> engine = new AtomicReference<>();
    private final AtomicReference<SSLEngine> clientEngine = new AtomicReference<>();
    final TlsStream<WatchedStream> client;
    final TlsStream<WatchedStream> server;

    Talk(
        TlsVersion version,
        Pair<? extends Stream> transports,
        TlsConfig client,
        TlsServerConfig config)
        throws IOException, InterruptedException {
      TlsServerConfig server =
          config
              .withAllowPeerRenegotiation(true)
              .withConfigurer((engine, parameters) -> this.engine.set(engine));
      var pair =
          TlsPairs.handshaken(
              TlsPairs.wrap(
                  TlsPairs.watched(transports),
                  client
                      .withVersions(version)
                      .withConfigurer((engine, parameters) -> clientEngine.set(engine)),
                  server));
      this.client = pair.left();
      this.server = pair.right();
    }

    Talk(TlsVersion version, Pair<? extends Stream> transports)
        throws IOException, InterruptedException {
      this(version, transports, TlsPairs.stranger(), TlsPairs.SERVER);
    }

    SSLEngine clientEngine() {
      return Objects.requireNonNull(clientEngine.get());
    }

    SSLEngine engine() {
      return Objects.requireNonNull(engine.get());
    }

    /** The next thing that the server sends asks the client for something first. */
    void ask() throws IOException {
      engine().beginHandshake();
    }

    void assertNoOverlap() {
      assertEquals(0, client.transportStream().overlaps.get());
      assertEquals(0, server.transportStream().overlaps.get());
    }
  }

  private static long handshakeRecords(TlsStream<WatchedStream> side) {
    return side.transportStream().sentRecords().stream().filter(type -> type == HANDSHAKE).count();
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

  private static InThread receivingToEnd(TlsStream<?> stream) {
    return InThread.start(
        () -> {
          while (stream.receiveSome().length > 0) {
            // Thrown away.
          }
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
  @CsvSource({"TLS_1_2,false", "TLS_1_2,true", "TLS_1_3,true", "TLS_1_3,false"})
  @DisplayName(
      "TLS-F6 TLS-K1 TLS-K2 TLS-J9 new handshakes and keys while both send and receive: the"
          + " transport has one sender and one receiver, no byte is lost")
  void bothWays(TlsVersion version, boolean lockstep) throws Exception {
    Talk talk = new Talk(version, lockstep ? MemoryStreams.lockstepPair() : MemoryStreams.pair());
    TlsInfo before = talk.client.info();
    long first = handshakeRecords(talk.client);
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
    if (version == TlsVersion.TLS_1_2) {
      assertTrue(handshakeRecords(talk.client) > first, "there was no other handshake");
    }
    talk.client.closeForcefully();
    assertInstanceOf(ClosedResourceException.class, clientReads.outcome());
    talk.server.closeForcefully();
    assertInstanceOf(ResourceException.class, serverReads.outcome());
  }

  @Test
  @DisplayName("TLS-K3 TLS-E3 TLS-E4 a wait to send that comes while receiving sends waits for it")
  void waitBehindReceive() throws Exception {
    Talk talk = new Talk(TlsVersion.TLS_1_2, MemoryStreams.pair());
    WatchedStream below = talk.client.transportStream();
    CountDownLatch gate = new CountDownLatch(1);
    below.sendHook = gate::await;
    InThread serverReads = receiving(talk.server, b("up"));
    talk.ask();
    talk.server.sendAll(b("down"));
    talk.server.sendAll(b("more"));
    InThread clientReads = receiving(talk.client, b("downmore"));
    int sends = below.sends.get();
    // What the client was asked for it has to say before it can hear more, unless it has heard all.
    InThread listening = null;
    while (below.sends.get() == sends && clientReads.thread.isAlive()) {
      Thread.onSpinWait();
    }
    if (!clientReads.thread.isAlive()) {
      assertNull(clientReads.outcome());
      listening = InThread.start(() -> talk.client.receiveSome());
    }
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
    talk.assertNoOverlap();
    talk.client.closeForcefully();
    if (listening != null) {
      assertInstanceOf(ClosedResourceException.class, listening.outcome());
    }
  }

  @Test
  @DisplayName("TLS-K3 TLS-E3 receiving that has to send while a task waits to send comes after it")
  void receiveBehindWait() throws Exception {
    Talk talk = new Talk(TlsVersion.TLS_1_2, MemoryStreams.pair());
    WatchedStream below = talk.client.transportStream();
    CountDownLatch room = new CountDownLatch(1);
    below.waitHook = room::await;
    InThread waiter = InThread.start(talk.client::waitSendAllMightNotBlock).awaitParked();
    assertEquals(1, below.waits.get());
    int sends = below.sends.get();
    long answers = handshakeRecords(talk.client);
    InThread serverReads = receiving(talk.server, b("up"));
    talk.ask();
    talk.server.sendAll(b("down"));
    assertArrayEquals(b("down"), talk.client.receiveSome());
    InThread clientReads = receiving(talk.client, b("more")).awaitParked();
    assertEquals(sends, below.sends.get(), "it sent while another task was waiting to send");
    room.countDown();
    assertNull(waiter.outcome());
    talk.client.sendAll(b("up"));
    assertNull(serverReads.outcome());
    assertTrue(handshakeRecords(talk.client) > answers, "the client did not answer");
    talk.server.sendAll(b("more"));
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
  @DisplayName("TLS-K4 TLS-R6 a close in a new handshake waits for the engine, and says goodbye")
  void closeWhileComputing() throws Exception {
    HookedTrust trust = new HookedTrust();
    Talk talk =
        new Talk(
            TlsVersion.TLS_1_2,
            MemoryStreams.pair(),
            TlsConfig.DEFAULT.withTrust(TlsTrust.of(trust)),
            TlsPairs.SERVER);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    trust.hook =
        () -> {
          asked.countDown();
          gate.await();
        };
    // Else the new handshake would resume the session, and ask for no trust.
    talk.clientEngine().getSession().invalidate();
    talk.ask();
    InThread serverReads = receivingToEnd(talk.server);
    InThread clientReads = receivingToEnd(talk.client);
    talk.server.sendAll(b("down"));
    asked.await();
    InThread closing = InThread.start(talk.client::close).awaitParked();
    assertTrue(closing.thread.isAlive(), "it did not wait");
    gate.countDown();
    assertNull(closing.outcome());
    List<Integer> records = talk.client.transportStream().sentRecords();
    assertEquals(ALERT, records.get(records.size() - 1));
    assertInstanceOf(ClosedResourceException.class, clientReads.outcome());
    talk.server.closeForcefully();
    serverReads.outcome();
  }

  @Test
  @DisplayName("TLS-K7 a server that shows another certificate in a new handshake is Broken")
  void otherCertificate() throws Exception {
    for (boolean other : new boolean[] {false, true}) {
      ChangingIdentity identity =
          new ChangingIdentity(
              TlsPairs.CA.leaf(TlsPairs.NAME).issue(), TlsPairs.CA.leaf(TlsPairs.NAME).issue());
      Talk talk =
          new Talk(
              TlsVersion.TLS_1_2,
              MemoryStreams.pair(),
              TlsPairs.stranger(),
              TlsServerConfig.of(identity.context()));
      if (other) {
        identity.change();
      }
      // Else the new handshake would resume the session, which has no certificate in it.
      talk.clientEngine().getSession().invalidate();
      talk.ask();
      InThread serverReads =
          InThread.start(() -> assertEquals(0, talk.server.receiveSome().length));
      talk.server.sendAll(b("down"));
      assertArrayEquals(b("down"), talk.client.receiveSome());
      InThread clientReads = InThread.start(() -> talk.client.receiveSome());
      if (other) {
        Throwable thrown = clientReads.outcome();
        assertInstanceOf(BrokenResourceException.class, thrown);
        assertTrue(
            String.valueOf(thrown.getMessage()).contains("changed its certificate"),
            () -> "" + thrown);
        assertNull(serverReads.outcome(), "the server was not told");
      } else {
        talk.server.sendAll(b("still"));
        assertNull(clientReads.outcome());
        talk.client.closeForcefully();
        assertInstanceOf(BrokenResourceException.class, serverReads.outcome());
      }
    }
  }

  /** Believes everybody, after a while. */
  private static final class HookedTrust implements X509TrustManager {
    volatile IoHook hook = () -> {};

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      try {
        hook.run();
      } catch (IOException | InterruptedException e) {
        throw new CertificateException(e);
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
