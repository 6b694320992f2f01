package dev.tercet.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.tercet.blocking.ReceiveStream;
import dev.tercet.blocking.StapledStream;
import dev.tercet.tls.TlsVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TLS over something that is no socket: stapled pairs of process pipes. */
class TlsOverPipesRealSocketTest {
  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "TLS-A8 over process pipes: a handshake, a megabyte each way at once, and both close_notify alerts")
  void pipes(TlsVersion version) throws Exception {
    var pair = TlsPairs.handshaken(PipeStream.pair(), version);
    byte[] data = new byte[1 << 20];
    new Random(1).nextBytes(data);
    InThread sending =
        InThread.start(
            () -> {
              pair.left().sendAll(data);
              assertArrayEquals(data, exactly(pair.left(), data.length));
            });
    InThread answering = InThread.start(() -> pair.right().sendAll(data));
    assertArrayEquals(data, exactly(pair.right(), data.length));
    assertNull(sending.outcome());
    assertNull(answering.outcome());
    InThread ending =
        InThread.start(
            () -> {
              assertEquals(0, pair.right().receiveSome().length);
              pair.right().unwrap();
            });
    StapledStream<PipeStream, PipeStream> pipes = pair.left().unwrap().transportStream();
    assertNull(ending.outcome());
    // Not before both have the other's close_notify: what is in a process dies with it.
    pipes.close();
  }

  private static byte[] exactly(ReceiveStream stream, int length)
      throws IOException, InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (all.size() < length) {
      all.writeBytes(stream.receiveSome());
    }
    return all.toByteArray();
  }
}
