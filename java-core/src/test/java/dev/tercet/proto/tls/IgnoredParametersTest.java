package dev.tercet.proto.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tercet.internal.tls.ServerName;
import dev.tercet.internal.tls.TlsEngines;
import dev.tercet.tls.ClientAuth;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsEngineFactory;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsServerConfig;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** An engine that forgets its parameters, and says nothing of it. */
class IgnoredParametersTest {
  private static final ServerName NAME = ServerName.of("server.test");

  private record Forgetful(AtomicInteger released) implements TlsEngineFactory {
    Forgetful() {
      this(new AtomicInteger());
    }

    @Override
    public SSLEngine create(TlsRole role, @Nullable String host, int port) {
      return new NullEngine(role == TlsRole.CLIENT);
    }

    @Override
    public void release(SSLEngine engine) {
      released.incrementAndGet();
    }

    private void assertRefused(String why, Executable making) {
      int before = released.get();
      String message =
          String.valueOf(assertThrows(IllegalArgumentException.class, making).getMessage());
      assertTrue(message.contains(why), message);
      assertEquals(before + 1, released.get());
    }
  }

  @Test
  @DisplayName("TLS-R-o TLS-M6 a client whose engine forgets what protects it is refused")
  void client() {
    Forgetful engines = new Forgetful();
    TlsConfig config = TlsConfig.of(engines);
    engines.assertRefused("check the name", () -> TlsEngines.client(config, NAME).engine());
    TlsConfig unchecked = config.dangerouslyWithoutHostnameCheck();
    engines.assertRefused(
        "application protocols", () -> TlsEngines.client(unchecked.withAlpn("h2"), NAME).engine());
    TlsEngines.client(unchecked, NAME).engine();
  }

  @Test
  @DisplayName("TLS-R-o TLS-N6 a server whose engine asks nobody for a certificate is refused")
  void server() {
    Forgetful engines = new Forgetful();
    TlsServerConfig config = TlsServerConfig.of(engines);
    engines.assertRefused(
        "client certificates",
        () -> TlsEngines.server(config.withClientAuth(ClientAuth.NEED)).engine());
    engines.assertRefused(
        "application protocols", () -> TlsEngines.server(config.withAlpn("h2")).engine());
    TlsEngines.server(config).engine();
  }
}
