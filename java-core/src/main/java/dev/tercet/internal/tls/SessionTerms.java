package dev.tercet.internal.tls;

import dev.tercet.TlsConfig;
import dev.tercet.TlsEngineFactory;
import dev.tercet.TlsServerConfig;
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
    TlsEngineFactory factory,
    boolean httpsCompatible,
    @Nullable Duration handshakeTimeout,
    Duration closeNotifyReadTimeout) {
  static SessionTerms client(TlsConfig config, @Nullable ServerName name) {
    return new SessionTerms(
        TlsEngines.client(config, name),
        config.engineFactory(),
        config.httpsCompatible(),
        config.handshakeTimeout(),
        config.closeNotifyReadTimeout());
  }

  static SessionTerms server(TlsServerConfig config) {
    return new SessionTerms(
        TlsEngines.server(config),
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
