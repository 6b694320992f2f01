package dev.tercet.internal.connect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tercet.BrokenResourceException;
import dev.tercet.internal.net.NonBlockingSocket;
import dev.tercet.internal.wait.Latch;
import dev.tercet.internal.wait.WaitPlace;
import dev.tercet.tls.PemFixtures;
import dev.tercet.tls.TlsAlertException;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A racing handshake over a socket that fails in the middle. */
class TlsEstablishingTest {
  private static final TlsConfig CLIENT =
      TlsConfig.DEFAULT.withTrust(PemFixtures.trust()).withVersions(TlsVersion.TLS_1_2);
  private static final byte[] HANDSHAKE_FAILURE = {21, 3, 3, 0, 2, 2, 40};

  private final Deque<byte[]> arriving = new ArrayDeque<>();
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final Latch ready = new Latch();
  private @Nullable IOException writeFailure;
  private @Nullable IOException readFailure;

  /** A socket that gives what has arrived, one piece a read. */
  private NonBlockingSocket socket() {
    return (NonBlockingSocket)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {NonBlockingSocket.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "read" -> read((ByteBuffer) arguments[0]);
                  case "write" -> write((ByteBuffer) arguments[0]);
                  case "readable", "writable" -> ready;
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private int read(ByteBuffer into) throws IOException {
    byte[] bytes = arriving.poll();
    if (bytes == null && readFailure != null) {
      throw readFailure;
    }
    if (bytes == null) {
      return 0;
    }
    into.put(bytes);
    return bytes.length;
  }

  private int write(ByteBuffer data) throws IOException {
    if (writeFailure != null) {
      throw writeFailure;
    }
    int count = data.remaining();
    byte[] bytes = new byte[count];
    data.get(bytes);
    written.writeBytes(bytes);
    return count;
  }

  /** A connect that is done at once. */
  private record Connected(NonBlockingSocket result) implements Establishing<NonBlockingSocket> {
    @Override
    public @Nullable WaitPlace advance(long nowNanos) {
      return null;
    }

    @Override
    public void close() {}

    @Override
    public Latch released() {
      return new Latch();
    }
  }

  /** An attempt that has said its ClientHello; the server's flight has arrived. */
  private Establishing<TlsEstablishing> afterHello() throws Exception {
    Establishing<TlsEstablishing> attempt =
        TlsEstablishing.opening(
                "server.test", CLIENT, (target, local) -> new Connected(socket()), Runnable::run)
            .open(InetSocketAddress.createUnresolved("server.test", 443), null);
    assertNotNull(attempt.advance(0));
    arriving.add(flight(written.toByteArray()));
    return attempt;
  }

  /** What a server of TLS 1.2 answers to a ClientHello. */
  private static byte[] flight(byte[] hello) throws Exception {
    SSLEngine engine =
        TlsServerConfig.of(PemFixtures.identity()).engineFactory().create(TlsRole.SERVER, null, 0);
    engine.setUseClientMode(false);
    engine.beginHandshake();
    ByteBuffer in = ByteBuffer.wrap(hello);
    ByteBuffer out = ByteBuffer.allocate(100_000);
    while (in.hasRemaining() || engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        engine.wrap(ByteBuffer.allocate(0), out);
      } else {
        engine.unwrap(in, ByteBuffer.allocate(100_000));
      }
      Runnable task = engine.getDelegatedTask();
      while (task != null) {
        task.run();
        task = engine.getDelegatedTask();
      }
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  @Test
  @DisplayName("TLS-B7 IO-HV12 an attempt whose send fails reports the alert that had arrived")
  void alertBehindFailedSend() throws Exception {
    Establishing<TlsEstablishing> attempt = afterHello();
    writeFailure = new IOException("broken");
    arriving.add(HANDSHAKE_FAILURE);
    BrokenResourceException e =
        assertThrows(BrokenResourceException.class, () -> attempt.advance(0));
    TlsAlertException alert = assertInstanceOf(TlsAlertException.class, e.getCause());
    assertEquals("handshake_failure", alert.alert());
    assertSame(writeFailure, e.getSuppressed()[0]);
    attempt.close();
  }

  @Test
  @DisplayName("TLS-B7 IO-HV12 an attempt whose send fails, and that has nothing to read, fails")
  void failedSend() throws Exception {
    for (boolean readFails : new boolean[] {false, true}) {
      writeFailure = null;
      readFailure = null;
      written.reset();
      Establishing<TlsEstablishing> attempt = afterHello();
      writeFailure = new IOException("broken");
      readFailure = readFails ? new IOException("reset") : null;
      IOException e = assertThrows(IOException.class, () -> attempt.advance(0));
      assertSame(writeFailure, e);
      attempt.close();
    }
  }
}
