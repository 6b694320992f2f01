package dev.tercet.testing;

import dev.tercet.blocking.Net;
import dev.tercet.blocking.SocketStream;
import dev.tercet.blocking.StreamPair;
import dev.tercet.testing.conformance.StreamConformance;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.testing.streams.MemoryStreams.Pair;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The battery on TLS streams. The handshake is done first: a cancel in the middle breaks it. */
class TlsConformanceRealSocketTest {
  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-A8 TLS over memory streams keeps the contract, clogged over lockstep ones")
  void memory(TlsVersion version) throws Exception {
    StreamConformance.checkTwoWayStream(
        () -> TlsPairs.handshaken(MemoryStreams.pair(), version),
        () -> TlsPairs.handshaken(MemoryStreams.lockstepPair(), version));
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-A8 TLS over sockets keeps the contract")
  void sockets(TlsVersion version) throws Exception {
    StreamConformance.checkTwoWayStream(() -> TlsPairs.handshaken(socketPair(), version), null);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("TLS-O1 TLS over TLS keeps the contract")
  void twice(TlsVersion version) throws Exception {
    StreamConformance.checkTwoWayStream(
        () -> TlsPairs.handshaken(TlsPairs.handshaken(MemoryStreams.pair(), version), version),
        null);
  }

  private static Pair<SocketStream> socketPair() throws IOException {
    StreamPair pair = Net.socketStreamPair();
    return new Pair<>(pair.left(), pair.right());
  }
}
