package dev.tercet.internal.dtls.bouncycastle;

import dev.tercet.internal.tls.ServerName;
import dev.tercet.proto.dtls.ClientHello;
import dev.tercet.proto.dtls.HandshakeEngine;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsServerConfig;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * Makes the engines of one endpoint by what the configurations say. It fails closed: a client that
 * is to check a name and has none gets no engine. It holds the sessions that can be resumed, so
 * they live as long as the endpoint.
 *
 * <p>An engine holds no thread before it is started.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class DtlsEngines {
  private final HandshakeThreads threads;
  private final SecureRandom random;
  private final ClientSessions clientSessions = new ClientSessions();
  private final ServerSessions serverSessions = new ServerSessions();

  /**
   * Makes the engines' maker.
   *
   * @param random for keys, nonces and the names of sessions
   * @throws IllegalStateException when Bouncy Castle is not there; says what to add
   */
  public DtlsEngines(HandshakeThreads threads, SecureRandom random) {
    BouncyCastle.require();
    this.threads = threads;
    this.random = random;
  }

  /**
   * The engine of a client.
   *
   * @param serverHostname the server's name or address; null for none
   * @param peer where the server is, for the cache of sessions
   * @param wakeUp called on the engine's thread when a step is there; not in lock step
   * @return not started
   * @throws IllegalArgumentException when the name would have to be checked and is not known, or is
   *     none
   */
  public HandshakeEngine client(
      DtlsConfig config,
      @Nullable String serverHostname,
      InetSocketAddress peer,
      long nowNanos,
      Runnable wakeUp) {
    ServerName name = serverHostname == null ? null : ServerName.of(serverHostname);
    if (config.checksHostname() && name == null) {
      throw new IllegalArgumentException(
          "a client verifies the name of its server: give the server's host name;"
              + " DtlsConfig.dangerouslyWithoutHostnameCheck() switches the check off");
    }
    return BouncyCastleEngine.client(
        threads,
        wakeUp,
        random,
        config,
        name,
        clientSessions.place(peer, name == null ? null : name.host(), config, nowNanos));
  }

  /**
   * The engine of a server.
   *
   * @param hello of the client, with a good cookie
   * @param wakeUp called on the engine's thread when a step is there; not in lock step
   * @return not started
   */
  public HandshakeEngine server(
      DtlsServerConfig config, ClientHello hello, long nowNanos, Runnable wakeUp) {
    return BouncyCastleEngine.server(
        threads, wakeUp, random, config, serverSessions, nowNanos, hello);
  }
}
