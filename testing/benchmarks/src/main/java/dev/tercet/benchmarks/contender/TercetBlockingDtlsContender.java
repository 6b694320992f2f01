package dev.tercet.benchmarks.contender;

import dev.tercet.OnHandlerError;
import dev.tercet.ResourceException;
import dev.tercet.benchmarks.tls.BenchContexts;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.tls.DtlsLimits;
import dev.tercet.tls.DtlsServerConfig;
import dev.tercet.tls.TlsIdentity;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Tercet's blocking DTLS, a thread for each peer: of platform threads on JDK 17, and of virtual
 * ones where there are any, since that is what {@code serve} takes.
 */
public final class TercetBlockingDtlsContender implements Contender {
  /**
   * A flood comes faster than a handler looks, and by default what comes while ten messages wait is
   * dropped. The other servers have no such limit.
   */
  static final DtlsLimits LIMITS = DtlsLimits.DEFAULT.withIncomingPacketsBuffer(64);

  /** Makes one. */
  public TercetBlockingDtlsContender() {}

  @Override
  public int serve(Work work) throws IOException, InterruptedException {
    DtlsServerConfig config =
        DtlsServerConfig.of(TlsIdentity.of(BenchContexts.keyStore(), BenchContexts.password()));
    UdpSocket socket = UdpSocket.bind("127.0.0.1", 0);
    DtlsEndpoint endpoint = DtlsEndpoint.wrap(socket, LIMITS);
    Threads.platform().newThread(() -> run(endpoint, config, work)).start();
    return Contender.portOf(socket.localAddress());
  }

  private static void run(DtlsEndpoint endpoint, DtlsServerConfig config, Work work) {
    try {
      endpoint.serve(
          config,
          channel -> handle(channel, work),
          ServeOptions.DEFAULT.withOnHandlerError(OnHandlerError.LOG));
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("the server has ended", e);
    }
  }

  private static void handle(DtlsChannel channel, Work work)
      throws IOException, InterruptedException {
    ByteBuffer buffer = ByteBuffer.allocate(work.bufferBytes());
    try {
      while (true) {
        channel.receive(buffer.clear());
        if (DatagramAnswers.wanted(work, buffer.flip())) {
          channel.send(buffer);
        }
      }
    } catch (ResourceException e) {
      // The peer has gone.
    }
  }
}
