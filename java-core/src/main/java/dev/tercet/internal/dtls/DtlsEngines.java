package dev.tercet.internal.dtls;

import dev.tercet.ClientAuth;
import dev.tercet.DtlsConfig;
import dev.tercet.DtlsServerConfig;
import dev.tercet.TlsIdentity;
import dev.tercet.TlsTrust;
import dev.tercet.internal.tls.ServerName;
import dev.tercet.proto.dtls.ClientHello;
import dev.tercet.proto.dtls.HandshakeEngine;
import java.net.InetSocketAddress;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Makes the engines of one endpoint by what the configurations say. It fails closed: a client that
 * is to check a name and has none gets no engine.
 *
 * <p>An engine holds no thread before it is started.
 *
 * <p><i>Thread-safety:</i> any thread.
 */
public final class DtlsEngines {
  private final HandshakeThreads threads;
  private final SecureRandom random;

  /**
   * Makes the engines' maker.
   *
   * @param threads where they run
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
   * @param config how it speaks
   * @param serverHostname the server's name or address; null for none
   * @param peer where the server is, for the cache of sessions
   * @param nowNanos the time
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
          "a client must say which server it expects: give the server's host name;"
              + " DtlsConfig.dangerouslyWithoutHostnameCheck() switches the check off");
    }
    TlsIdentity identity = config.identity();
    return BouncyCastleEngine.client(
        threads,
        wakeUp,
        random,
        name == null || name.sni() == null ? null : name.host(),
        identity == null ? null : only(identity, true),
        TrustCheck.ofServer(config.trust(), config.checksHostname(), name));
  }

  /**
   * The engine of a server.
   *
   * @param config how it speaks
   * @param hello of the client, with a good cookie
   * @param nowNanos the time
   * @param wakeUp called on the engine's thread when a step is there; not in lock step
   * @return not started
   */
  public HandshakeEngine server(
      DtlsServerConfig config, ClientHello hello, long nowNanos, Runnable wakeUp) {
    TlsIdentity identity = config.identities().apply(null);
    TlsTrust trust = config.clientTrust();
    if (identity == null) {
      throw new IllegalStateException("no identity is chosen for clients without a name");
    }
    return BouncyCastleEngine.server(
        threads,
        wakeUp,
        random,
        only(identity, false),
        config.clientAuth() == ClientAuth.NONE || trust == null ? null : TrustCheck.ofClient(trust),
        hello);
  }

  private static DtlsIdentity only(TlsIdentity identity, boolean isClient) {
    X509ExtendedKeyManager manager = identity.keyManager();
    for (String type : List.of("EC", "RSA")) {
      StandInEngine engine =
          new StandInEngine(null, new StandInSession(null, List.of()), isClient, false);
      String alias =
          isClient
              ? manager.chooseEngineClientAlias(new String[] {type}, null, engine)
              : manager.chooseEngineServerAlias(type, null, engine);
      if (alias != null) {
        PrivateKey key = manager.getPrivateKey(alias);
        X509Certificate[] chain = manager.getCertificateChain(alias);
        if (key != null && chain != null) {
          return new DtlsIdentity(key, List.of(chain));
        }
      }
    }
    throw new IllegalStateException(identity + " has neither an EC nor an RSA key");
  }
}
