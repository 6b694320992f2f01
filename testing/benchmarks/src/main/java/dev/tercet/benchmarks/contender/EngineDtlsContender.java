package dev.tercet.benchmarks.contender;

import dev.tercet.benchmarks.tls.BenchContexts;
import dev.tercet.benchmarks.tls.DtlsPeer;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/**
 * The baseline of DTLS: the JDK's engine above one blocking datagram channel, one thread, a map of
 * peers, and no abstraction at all. It has no timers: what is lost, the client sends again. It
 * keeps an engine for whoever says hello, since the JDK's cookies are the engine's.
 */
public final class EngineDtlsContender implements Contender {
  private static final int HANDSHAKE = 22;
  private static final int CLIENT_HELLO = 1;
  private static final int EPOCH_AT = 3;
  private static final int HEADER_BYTES = 13;

  private final SSLContext context = BenchContexts.dtlsServer();
  private final ByteBuffer in = ByteBuffer.allocate(DtlsPeer.DATAGRAM_BYTES);
  private final ByteBuffer out = ByteBuffer.allocate(DtlsPeer.DATAGRAM_BYTES);
  private final ByteBuffer plaintext = ByteBuffer.allocate(DtlsPeer.DATAGRAM_BYTES);
  private final Map<SocketAddress, DtlsPeer> peers = new HashMap<>();

  /** Makes one. */
  public EngineDtlsContender() {}

  @Override
  public int serve(Work work) throws IOException {
    DatagramChannel channel = DatagramChannel.open().bind(Contender.anyPort());
    Threads.platform().newThread(() -> run(channel, work)).start();
    return channel.socket().getLocalPort();
  }

  private void run(DatagramChannel channel, Work work) {
    while (true) {
      try {
        turn(channel, work);
      } catch (SSLException e) {
        // What a peer sent is wrong, and dropped.
      } catch (IOException e) {
        throw new IllegalStateException("the socket failed", e);
      }
    }
  }

  private void turn(DatagramChannel channel, Work work) throws IOException {
    SocketAddress from = channel.receive(in.clear());
    in.flip();
    DtlsPeer peer = peers.get(from);
    if (peer == null || (peer.isEstablished() && isHello())) {
      if (!isHello()) {
        return;
      }
      peer = DtlsPeer.server(channel, from, context, out);
      peers.put(from, peer);
    }
    int n = peer.receive(in, plaintext.clear());
    if (n == -1) {
      peers.remove(from);
      peer.close();
    } else if (n > 0 && DatagramAnswers.wanted(work, plaintext.flip())) {
      peer.send(plaintext);
    }
  }

  /** A clear record of the handshake, whose first message is a client's hello. */
  private boolean isHello() {
    return in.limit() > HEADER_BYTES
        && in.get(0) == HANDSHAKE
        && in.getShort(EPOCH_AT) == 0
        && in.get(HEADER_BYTES) == CLIENT_HELLO;
  }
}
