package dev.tercet.testing.engines;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsEngineFactory;
import dev.tercet.tls.TlsRole;
import dev.tercet.tls.TlsVersion;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** An engine of one's own, as docs/tls-engines.md shows it. */
class OwnEngineTest {
  private record NettyClientEngines(SslContext context, AtomicInteger released)
      implements TlsEngineFactory {
    @Override
    public SSLEngine create(TlsRole role, @Nullable String host, int port) {
      return context.newEngine(ByteBufAllocator.DEFAULT, host, port);
    }

    @Override
    public void release(SSLEngine engine) {
      ReferenceCountUtil.release(engine);
      released.incrementAndGet();
    }
  }

  private static void assertTalks(TlsConfig client) throws IOException, InterruptedException {
    var pair =
        EnginePairs.handshaken(
            MemoryStreams.pair(), client, TestedEngine.JDK.server(TlsVersion.TLS_1_3));
    pair.left().sendAll(new byte[] {1, 2});
    assertArrayEquals(new byte[] {1, 2}, pair.right().receiveSome(100));
    pair.left().close();
    assertEquals(0, pair.right().receiveSome(100).length);
    pair.right().close();
  }

  @Test
  @DisplayName("TLS-A7 the context of another provider is used like the JDK's")
  void context() throws Exception {
    SSLContext context = EngineContexts.conscrypt(null, TestedEngine.CA);
    assertTalks(TlsConfig.of(context));
  }

  @Test
  @DisplayName("TLS-H13 an engine that comes from no SSLContext is used through ten lines")
  void factory() throws Exception {
    SslContext context =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL_REFCNT)
            .trustManager(TestedEngine.CA.certificate())
            .build();
    NettyClientEngines engines = new NettyClientEngines(context, new AtomicInteger());
    assertTalks(TlsConfig.of(engines));
    assertEquals(1, engines.released.get());
  }
}
