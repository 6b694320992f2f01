package dev.tercet.testing;

import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.Stream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.certificates.TestCa;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;

/** Pairs of TLS streams over pairs of streams. */
final class TlsPairs {
  static final TestCa CA = TestCa.create();
  static final String NAME = "server.test";
  static final TlsConfig CLIENT = TlsConfig.DEFAULT.withTrust(CA.trust());
  static final TlsServerConfig SERVER = TlsServerConfig.of(CA.issue(NAME, "127.0.0.1"));

  private TlsPairs() {}

  /** A client that resumes nothing: it has sessions of its own. */
  static TlsConfig stranger() {
    return TlsConfig.DEFAULT.withTrust(CA.trust());
  }

  static Pair<WatchedStream> watched(Pair<? extends Stream> transports) {
    return new Pair<>(new WatchedStream(transports.left()), new WatchedStream(transports.right()));
  }

  static <S extends Stream> Pair<TlsStream<S>> wrap(
      Pair<S> transports, TlsConfig client, TlsServerConfig server) {
    return new Pair<>(
        TlsStream.wrapClient(transports.left(), NAME, client),
        TlsStream.wrapServer(transports.right(), server));
  }

  static <S extends Stream> Pair<TlsStream<S>> wrap(Pair<S> transports, TlsVersion version) {
    return wrap(transports, CLIENT.withVersions(version), SERVER);
  }

  static <S extends Stream> Pair<TlsStream<S>> handshaken(Pair<TlsStream<S>> pair)
      throws IOException, InterruptedException {
    Nursery.run(
        nursery -> {
          nursery.startSoon(pair.left()::doHandshake);
          pair.right().doHandshake();
        });
    return pair;
  }

  static <S extends Stream> Pair<TlsStream<S>> handshaken(Pair<S> transports, TlsVersion version)
      throws IOException, InterruptedException {
    return handshaken(wrap(transports, version));
  }
}
