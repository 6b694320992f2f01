package dev.tercet.testing.engines;

import dev.tercet.blocking.HalfCloseableStream;
import dev.tercet.blocking.Stream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.support.Stress;
import dev.tercet.testing.conformance.StreamConformance;
import dev.tercet.testing.streams.MemoryStreams;
import dev.tercet.tls.TlsVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The battery on each engine against the JDK's, whose contexts are shared: the battery does nearly
 * a hundred handshakes, and a context costs more than one.
 *
 * <p>Here with TLS 1.2, and with 1.3 in EngineConformanceSpec; at full size both versions in both
 * languages.
 */
@Timeout(120)
class EngineConformanceRealSocketTest {
  /** Of the JDK's with itself there is another test. */
  static List<Arguments> pairs() {
    return EnginePairs.all().stream()
        .filter(pair -> pair.get()[0] != pair.get()[1])
        .filter(pair -> pair.get()[2] == TlsVersion.TLS_1_2 || Stress.isFull())
        .toList();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  @DisplayName("TLS-A8 TLS over memory streams keeps the contract, clogged over lockstep ones")
  void battery(TestedEngine client, TestedEngine server, TlsVersion version) throws Exception {
    StreamConformance.checkTwoWayStream(
        () -> EnginePairs.handshaken(MemoryStreams.pair(), client, server, version),
        () -> EnginePairs.handshaken(MemoryStreams.lockstepPair(), client, server, version));
  }

  @Test
  @DisplayName("TLS-S1 TLS-A8 where both engines can half-close, so can the streams")
  void halfCloseable() throws Exception {
    StreamConformance.checkHalfCloseableStream(
        () ->
            EnginePairs.handshaken(
                    MemoryStreams.pair(), TestedEngine.JDK, TestedEngine.JDK, TlsVersion.TLS_1_3)
                .map(HalfCloseableTls::new),
        null);
  }

  /** A TLS stream as one that can half-close, which only its engine knows. */
  private record HalfCloseableTls(TlsStream<? extends Stream> stream)
      implements HalfCloseableStream {
    @Override
    public void sendAll(ByteBuffer data) throws IOException, InterruptedException {
      stream.sendAll(data);
    }

    @Override
    public void waitSendAllMightNotBlock() throws IOException, InterruptedException {
      stream.waitSendAllMightNotBlock();
    }

    @Override
    public int receiveSome(ByteBuffer into) throws IOException, InterruptedException {
      return stream.receiveSome(into);
    }

    @Override
    public void sendEof() throws IOException, InterruptedException {
      stream.sendEof();
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }

    @Override
    public void closeForcefully() {
      stream.closeForcefully();
    }
  }
}
