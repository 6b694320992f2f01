package dev.tercet.testing.engines;

import dev.tercet.testing.certificates.TestCa;
import dev.tercet.testing.certificates.TestIdentity;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsEngineFactory;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The engines that the tests know, and what each can. docs/tls-engines.md is this, in prose: what
 * an engine cannot is asserted like what it can.
 */
public enum TestedEngine {
  /** The one that every Java has. */
  JDK {
    @Override
    TlsEngineFactory make(@Nullable TestIdentity identity, List<String> protocols)
        throws GeneralSecurityException {
      return new EnginesOfContext(EngineContexts.jdk(identity, CA));
    }
  },

  /** Bouncy Castle's, in Java. */
  BCJSSE {
    @Override
    TlsEngineFactory make(@Nullable TestIdentity identity, List<String> protocols)
        throws GeneralSecurityException {
      return new EnginesOfContext(EngineContexts.bouncyCastle(identity, CA));
    }
  },

  /** Google's, over BoringSSL. */
  CONSCRYPT {
    @Override
    TlsEngineFactory make(@Nullable TestIdentity identity, List<String> protocols)
        throws GeneralSecurityException {
      return new EnginesOfContext(EngineContexts.conscrypt(identity, CA));
    }
  },

  /** Netty's, over BoringSSL too, whose memory must be given back. */
  TCNATIVE {
    @Override
    TlsEngineFactory make(@Nullable TestIdentity identity, List<String> protocols)
        throws SSLException {
      return NettyEngines.of(identity, CA.certificate(), protocols);
    }
  };

  /** What some engines can and others cannot. */
  enum Can {
    /** Say close_notify and go on receiving, in TLS 1.3. */
    HALF_CLOSE,
    /** Hear the peer's close_notify and go on sending, in TLS 1.3. */
    SEND_AFTER_THE_END,
    /** Take application protocols from the configuration; else the factory must know them. */
    TAKE_PROTOCOLS,
    /** As a server refuse a client with which no application protocol is in common. */
    REFUSE_PROTOCOLS,
    /** Begin a change of keys, in TLS 1.3. */
    UPDATE_KEYS,
    /** Resume a session of TLS 1.3; all can in TLS 1.2. */
    RESUME_1_3,
    /** As a client in TLS 1.3, tell that a session was resumed; all can in TLS 1.2. */
    TELL_RESUMED_CLIENT,
    /** The same as a server. */
    TELL_RESUMED_SERVER
  }

  /** The name of the server. */
  public static final String NAME = "server.test";

  static final TestCa CA = TestCa.create();
  static final TestIdentity SERVER = CA.leaf(NAME).issue();
  static final TestIdentity CLIENT = CA.leaf("client.test").issue();

  private static final Map<TestedEngine, TlsEngineFactory> SHARED = new ConcurrentHashMap<>();

  abstract TlsEngineFactory make(@Nullable TestIdentity identity, List<String> protocols)
      throws GeneralSecurityException, SSLException;

  /** A client whose trust manager checks chains, and knows no names. */
  TlsConfig clientWithPlainTrust(TlsVersion version) throws GeneralSecurityException, SSLException {
    X509TrustManager plain = new PlainTrust(CA.trust().trustManager());
    TlsConfig config =
        switch (this) {
          case JDK -> TlsConfig.of(EngineContexts.trusting(SSLContext.getInstance("TLS"), plain));
          case BCJSSE ->
              TlsConfig.of(EngineContexts.trusting(EngineContexts.bouncyCastle(null, CA), plain));
          case CONSCRYPT ->
              TlsConfig.of(EngineContexts.trusting(EngineContexts.conscrypt(null, CA), plain));
          case TCNATIVE -> TlsConfig.of(NettyEngines.trusting(plain));
        };
    return config.withVersions(version);
  }

  boolean can(Can ability) {
    return switch (ability) {
      case HALF_CLOSE, RESUME_1_3 -> this != BCJSSE;
      case SEND_AFTER_THE_END, UPDATE_KEYS, TELL_RESUMED_SERVER -> this == JDK;
      case TAKE_PROTOCOLS -> this != TCNATIVE;
      case REFUSE_PROTOCOLS -> this == JDK || this == BCJSSE;
      case TELL_RESUMED_CLIENT -> this == JDK || this == TCNATIVE;
    };
  }

  /** Engines with sessions of their own. */
  TlsEngineFactory factory(@Nullable TestIdentity identity, String... protocols) {
    try {
      return make(identity, List.of(protocols));
    } catch (GeneralSecurityException | SSLException e) {
      throw new IllegalStateException("no engine of " + this, e);
    }
  }

  private TlsEngineFactory shared() {
    return SHARED.computeIfAbsent(this, engine -> engine.factory(SERVER));
  }

  /**
   * A client with the context that all share: making one costs more than a handshake.
   *
   * @param version the only one
   * @return a configuration
   */
  public TlsConfig client(TlsVersion version) {
    return TlsConfig.of(shared()).withVersions(version);
  }

  /**
   * A server with the context that all share.
   *
   * @param version the only one
   * @return a configuration
   */
  public TlsServerConfig server(TlsVersion version) {
    return TlsServerConfig.of(shared()).withVersions(version);
  }

  TlsConfig freshClient(TlsVersion version, String... protocols) {
    TlsConfig config = TlsConfig.of(factory(CLIENT, protocols)).withVersions(version);
    return can(Can.TAKE_PROTOCOLS) ? config.withAlpn(protocols) : config;
  }

  TlsServerConfig freshServer(TlsVersion version, String... protocols) {
    return freshServer(SERVER, version, protocols);
  }

  TlsServerConfig freshServer(TestIdentity identity, TlsVersion version, String... protocols) {
    TlsServerConfig config = TlsServerConfig.of(factory(identity, protocols)).withVersions(version);
    return can(Can.TAKE_PROTOCOLS) ? config.withAlpn(protocols) : config;
  }
}
