package dev.tercet.testing.engines;

import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.Stream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.provider.Arguments;

/** Pairs of TLS streams of two engines. */
final class EnginePairs {
  private EnginePairs() {}

  /** Client, server, version: the JDK's is one of the two. */
  static List<Arguments> all() {
    List<Arguments> all = new ArrayList<>();
    for (TlsVersion version : TlsVersion.values()) {
      for (TestedEngine engine : TestedEngine.values()) {
        all.add(Arguments.of(engine, TestedEngine.JDK, version));
        if (engine != TestedEngine.JDK) {
          all.add(Arguments.of(TestedEngine.JDK, engine, version));
        }
      }
    }
    return all;
  }

  static <S extends Stream> Pair<TlsStream<S>> wrap(
      Pair<S> transports, TlsConfig client, TlsServerConfig server) {
    return new Pair<>(
        TlsStream.wrapClient(transports.left(), TestedEngine.NAME, client),
        TlsStream.wrapServer(transports.right(), server));
  }

  static void handshake(Pair<? extends TlsStream<?>> pair)
      throws IOException, InterruptedException {
    Nursery.run(
        nursery -> {
          nursery.startSoon(pair.left()::doHandshake);
          pair.right().doHandshake();
        });
  }

  static <S extends Stream> Pair<TlsStream<S>> handshaken(
      Pair<S> transports, TlsConfig client, TlsServerConfig server)
      throws IOException, InterruptedException {
    Pair<TlsStream<S>> pair = wrap(transports, client, server);
    handshake(pair);
    return pair;
  }

  static <S extends Stream> Pair<TlsStream<S>> handshaken(
      Pair<S> transports, TestedEngine client, TestedEngine server, TlsVersion version)
      throws IOException, InterruptedException {
    return handshaken(transports, client.client(version), server.server(version));
  }
}
