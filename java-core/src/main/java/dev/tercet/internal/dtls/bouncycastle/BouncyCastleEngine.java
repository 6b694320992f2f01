package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.internal.tls.ServerName;
import dev.tercet.proto.dtls.ClientHello;
import dev.tercet.proto.dtls.HandshakeEngine;
import dev.tercet.proto.dtls.RecordProtection;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsServerConfig;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSRequest;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.jspecify.annotations.Nullable;

/**
 * Bouncy Castle's DTLS handshake as a {@link HandshakeEngine}: one blocking call on a thread of
 * {@link HandshakeThreads}, stopped at its transport by {@link EngineBaton}.
 *
 * <p>Its own flight layer is idle: it sees each record once and in order, and its resend timer, on
 * the wall clock, is set to never. Crypto is the JVM's.
 */
final class BouncyCastleEngine implements HandshakeEngine {
  /** 24 days. Bouncy Castle adds it to the time in a long. */
  static final int NEVER_MILLIS = Integer.MAX_VALUE;

  private final EngineBaton turns;
  private final EngineTransport transport;
  private final EngineReport report = new EngineReport();
  private final boolean sendsCloseNotify;
  private final Handshake handshake;

  /** Whoever has the turn touches it. */
  private @Nullable DTLSTransport layer;

  private @Nullable Throwable failure;
  private boolean isRefused;

  private interface Handshake {
    DTLSTransport run(EngineTransport transport, EngineReport report) throws IOException;
  }

  private BouncyCastleEngine(
      HandshakeThreads threads, Runnable wakeUp, boolean sendsCloseNotify, Handshake handshake) {
    this.turns = new EngineBaton(threads, wakeUp);
    this.transport = new EngineTransport(turns);
    this.sendsCloseNotify = sendsCloseNotify;
    this.handshake = handshake;
  }

  /** A client's engine. */
  static BouncyCastleEngine client(
      HandshakeThreads threads,
      Runnable wakeUp,
      SecureRandom random,
      DtlsConfig config,
      @Nullable ServerName name,
      ClientSessions.Place sessions) {
    return new BouncyCastleEngine(
        threads,
        wakeUp,
        config.sendCloseNotify(),
        (transport, report) -> {
          JvmRules.get().requireDtls();
          JcaTlsCrypto crypto = new JvmCrypto(random);
          return new DTLSClientProtocol()
              .connect(new BouncyCastleClient(crypto, config, name, sessions, report), transport);
        });
  }

  /** A server's engine, for a client's hello with a good cookie. */
  static BouncyCastleEngine server(
      HandshakeThreads threads,
      Runnable wakeUp,
      SecureRandom random,
      DtlsServerConfig config,
      ServerSessions sessions,
      long nowNanos,
      ClientHello hello) {
    return new BouncyCastleEngine(
        threads,
        wakeUp,
        config.sendCloseNotify(),
        (transport, report) -> {
          JvmRules.get().requireDtls();
          DTLSRequest request = VerifiedRequest.of(hello, random);
          if (request == null) {
            throw new SSLHandshakeException("the ClientHello cannot be parsed");
          }
          JcaTlsCrypto crypto = new JvmCrypto(random);
          return new DTLSServerProtocol()
              .accept(
                  new BouncyCastleServer(crypto, config, sessions, nowNanos, report),
                  transport,
                  request);
        });
  }

  @Override
  public void start() {
    isRefused = !turns.tryStart(this::run);
  }

  @Override
  public void feed(byte[] record) {
    transport.put(record);
    turns.giveToEngine();
  }

  @Override
  public @Nullable Step poll() {
    if (isRefused) {
      return new Step(List.of(), null, new IOException("too many handshakes at a time"));
    }
    if (!turns.tryTake()) {
      return null;
    }
    List<byte[]> records = transport.takeSent();
    if (layer == null) {
      return new Step(records, null, failure);
    }
    try {
      transport.handshakeIsOver();
      RecordProtection protection =
          new BouncyCastleProtection(layer, transport, report, sendsCloseNotify);
      return new Step(records, protection, null);
    } catch (IOException e) {
      return new Step(records, null, e);
    }
  }

  @Override
  public void abort() {
    turns.abort();
  }

  private static IOException refusal(Throwable e) {
    try {
      return Refusal.of(e);
    } catch (RuntimeException | Error unreadable) {
      // It is the user's exception perhaps, and its text fails.
      return new SSLException("DTLS handshake failed", e);
    }
  }

  private void run() {
    try {
      layer = handshake.run(transport, report);
    } catch (Throwable e) {
      // Also errors: a thread of ours has no other way to tell them.
      failure = refusal(e);
    }
  }
}
