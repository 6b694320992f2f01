package dev.tercet.internal.tls;

import dev.tercet.proto.tls.PeerDemands;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsEngineFactory;
import dev.tercet.tls.TlsServerConfig;
import java.time.Duration;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * What a session has from its configuration, and the engine that was made by it. A server that
 * chooses has none before the client's hello.
 *
 * @param handshakeTimeout null for none
 */
record SessionTerms(
    SSLEngine engine,
    PeerDemands demands,
    TlsEngineFactory factory,
    boolean httpsCompatible,
    @Nullable Duration handshakeTimeout,
    Duration closeNotifyReadTimeout) {
  static SessionTerms client(TlsConfig config, @Nullable ServerName name) {
    ConfiguredEngine made = TlsEngines.client(config, name);
    return new SessionTerms(
        made.engine(),
        made.demands(),
        config.engineFactory(),
        config.httpsCompatible(),
        config.handshakeTimeout(),
        config.closeNotifyReadTimeout());
  }

  static SessionTerms server(TlsServerConfig config) {
    ConfiguredEngine made = TlsEngines.server(config);
    return new SessionTerms(
        made.engine(),
        made.demands(),
        config.engineFactory(),
        config.httpsCompatible(),
        config.handshakeTimeout(),
        Duration.ZERO);
  }

  /** Gives the engine back, when nobody uses it any more. */
  void release() {
    factory.release(engine);
  }
}
