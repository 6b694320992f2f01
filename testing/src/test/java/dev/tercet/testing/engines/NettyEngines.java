package dev.tercet.testing.engines;

import dev.tercet.testing.certificates.TestIdentity;
import dev.tercet.tls.TlsEngineFactory;
import dev.tercet.tls.TlsRole;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Engines of Netty's. They come from no {@code SSLContext}, live in memory that must be given back,
 * and know application protocols from here only.
 */
record NettyEngines(SslContext client, @Nullable SslContext server) implements TlsEngineFactory {
  static NettyEngines of(
      @Nullable TestIdentity identity, X509Certificate root, List<String> protocols)
      throws SSLException {
    SslContextBuilder client = SslContextBuilder.forClient();
    if (identity == null) {
      return new NettyEngines(build(client, root, protocols), null);
    }
    client.keyManager(identity.key(), identity.chain());
    SslContextBuilder server = SslContextBuilder.forServer(identity.key(), identity.chain());
    return new NettyEngines(build(client, root, protocols), build(server, root, protocols));
  }

  static NettyEngines trusting(TrustManager trust) throws SSLException {
    return new NettyEngines(
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.OPENSSL_REFCNT)
            .trustManager(trust)
            // It has one by default, which a configuration cannot switch off.
            .endpointIdentificationAlgorithm(null)
            .build(),
        null);
  }

  private static SslContext build(
      SslContextBuilder builder, X509Certificate root, List<String> protocols) throws SSLException {
    builder.sslProvider(SslProvider.OPENSSL_REFCNT).trustManager(root);
    if (!protocols.isEmpty()) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              ApplicationProtocolConfig.Protocol.ALPN,
              ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
              ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
              protocols));
    }
    return builder.build();
  }

  @Override
  public SSLEngine create(TlsRole role, @Nullable String host, int port) {
    SslContext context = role == TlsRole.SERVER ? server : client;
    if (context == null) {
      throw new IllegalStateException("a server needs an identity");
    }
    return host == null
        ? context.newEngine(ByteBufAllocator.DEFAULT)
        : context.newEngine(ByteBufAllocator.DEFAULT, host, port);
  }

  @Override
  public void release(SSLEngine engine) {
    ReferenceCountUtil.release(engine);
  }
}
