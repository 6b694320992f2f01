package dev.tercet.blocking;

import dev.tercet.Resource;
import dev.tercet.internal.dtls.ChannelCore;
import dev.tercet.internal.dtls.EndpointCore;
import dev.tercet.internal.serve.Ending;
import dev.tercet.internal.serve.ServedBelow;
import dev.tercet.internal.wait.Parking;
import dev.tercet.internal.wait.WaitPlace;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.function.LongSupplier;

/** The peers that dial an endpoint, as a server sees them. Closing it ends the serving only. */
final class AcceptedChannels implements Listener<DtlsChannel>, Ending, ServedBelow {
  private final DtlsEndpoint endpoint;
  private final EndpointCore core;

  AcceptedChannels(DtlsEndpoint endpoint, EndpointCore core) {
    this.endpoint = endpoint;
    this.core = core;
  }

  @Override
  public DtlsChannel accept() throws IOException, InterruptedException {
    Parking.checkpoint();
    while (true) {
      WaitPlace arrival = core.arrival();
      ChannelCore next = core.tryAccept();
      if (next != null) {
        return new DtlsChannel(endpoint, next);
      }
      Parking.await(arrival);
    }
  }

  @Override
  public boolean hasEnded() {
    return core.isClosed();
  }

  @Override
  public boolean countsBytes(Object listener) {
    return true;
  }

  @Override
  public LongSupplier bytesOf(Resource connection) {
    return ((DtlsChannel) connection)::heard;
  }

  @Override
  public SocketAddress peerOf(Resource connection) {
    return ((DtlsChannel) connection).peerAddress();
  }

  @Override
  public void close() {
    core.stopServing();
  }

  @Override
  public void closeForcefully() {
    core.stopServing();
  }

  @Override
  public String toString() {
    return endpoint.toString();
  }
}
