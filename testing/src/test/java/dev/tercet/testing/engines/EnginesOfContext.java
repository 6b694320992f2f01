package dev.tercet.testing.engines;

import dev.tercet.tls.TlsEngineFactory;
import dev.tercet.tls.TlsRole;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.conscrypt.Conscrypt;
import org.jspecify.annotations.Nullable;

/** The engines of a context. */
record EnginesOfContext(SSLContext context) implements TlsEngineFactory {
  @Override
  public SSLEngine create(TlsRole role, @Nullable String host, int port) {
    SSLEngine engine =
        host == null ? context.createSSLEngine() : context.createSSLEngine(host, port);
    if (role == TlsRole.SERVER && Conscrypt.isConscrypt(engine)) {
      // Off by default, and TLS 1.3 resumes with nothing else.
      Conscrypt.setUseSessionTickets(engine, true);
    }
    return engine;
  }
}
