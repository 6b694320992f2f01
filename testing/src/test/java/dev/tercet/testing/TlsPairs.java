package dev.tercet.testing;

import dev.tercet.TlsConfig;
import dev.tercet.TlsServerConfig;
import dev.tercet.TlsVersion;
import dev.tercet.stream.Stream;
import dev.tercet.task.Nursery;
import dev.tercet.testing.MemoryStreams.Pair;
import dev.tercet.tls.TlsStream;
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
