package dev.tercet.interop;

import dev.tercet.testing.certificates.TestIdentity;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's own engine speaking DTLS over a socket of the JDK, without a line of Tercet's.
 *
 * <p>The engine has no timers. When nothing comes, whoever drives it calls {@code wrap} with
 * nothing to wrap, and it gives out its flight again. It answers its own client's first hello with
 * a HelloVerifyRequest by itself, and keeps the state of that; so one engine is one association,
 * and the first datagram's address is the peer.
 */
final class JdkDtlsPeer implements Closeable {
  /** Longer than an answer takes on loopback, and shorter than our own first timeout. */
  private static final int TIMEOUT_MILLIS = 200;

  private static final int MAX_TIMEOUTS = 50;
  private static final int MTU = 1400;

  private final DatagramSocket socket;
  private final SSLEngine engine;
  private final ByteBuffer incoming = ByteBuffer.allocate(65_535);
  private final ByteBuffer opened = ByteBuffer.allocate(20_000);
  private @Nullable InetSocketAddress peer;

  /** Which of the datagrams that it sends or gets is lost; -1 for none. */
  int lost = -1;

  /** Whether that one was on its way already. */
  boolean isLost;

  private int datagrams;

  private JdkDtlsPeer(SSLContext context, @Nullable InetSocketAddress peer) throws IOException {
    this.socket = new DatagramSocket(0, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    this.peer = peer;
    socket.setSoTimeout(TIMEOUT_MILLIS);
    engine = context.createSSLEngine();
    engine.setUseClientMode(peer != null);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setMaximumPacketSize(MTU);
    parameters.setEnableRetransmissions(true);
    if (peer != null) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      parameters.setServerNames(List.of(new SNIHostName(PeerFiles.NAME)));
    }
    engine.setSSLParameters(parameters);
  }

  /** A client that checks chain and name. */
  static JdkDtlsPeer client(InetSocketAddress server, @Nullable TestIdentity identity)
      throws IOException {
    return new JdkDtlsPeer(context(identity), server);
  }

  /** A server for one client, which must show a certificate if that is wanted. */
  static JdkDtlsPeer server(TestIdentity identity, boolean needsClient) throws IOException {
    JdkDtlsPeer made = new JdkDtlsPeer(context(identity), null);
    made.engine.setNeedClientAuth(needsClient);
    return made;
  }

  private static SSLContext context(@Nullable TestIdentity identity) throws IOException {
    KeyManager[] keys =
        identity == null ? null : new KeyManager[] {identity.identity().keyManager()};
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("root", PeerFiles.CA.certificate());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("DTLSv1.2");
      context.init(keys, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  InetSocketAddress address() {
    return new InetSocketAddress(socket.getLocalAddress(), socket.getLocalPort());
  }

  SSLEngine engine() {
    return engine;
  }

  void handshake() throws IOException {
    engine.beginHandshake();
    int timeouts = 0;
    while (true) {
      HandshakeStatus status = engine.getHandshakeStatus();
      switch (status) {
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> wrap(ByteBuffer.allocate(0));
        case NEED_UNWRAP -> {
          // What is left of a datagram comes first.
          if (incoming.position() == 0 && !receiveDatagram()) {
            if (++timeouts == MAX_TIMEOUTS) {
              throw new IOException("no answer");
            }
            if (peer != null) {
              wrap(ByteBuffer.allocate(0));
            }
          } else {
            unwrap();
          }
        }
        case NEED_UNWRAP_AGAIN -> unwrap();
        case NOT_HANDSHAKING, FINISHED -> {
          return;
        }
      }
    }
  }

  private void runTasks() {
    Runnable task;
    while ((task = engine.getDelegatedTask()) != null) {
      task.run();
    }
  }

  private SSLEngineResult wrap(ByteBuffer data) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(20_000);
    SSLEngineResult result = engine.wrap(data, out);
    out.flip();
    if (out.hasRemaining() && !isTheLostOne()) {
      InetSocketAddress to = peer;
      if (to == null) {
        throw new IOException("nobody to send to");
      }
      socket.send(new DatagramPacket(out.array(), out.limit(), to));
    }
    return result;
  }

  private boolean isTheLostOne() {
    boolean isIt = datagrams++ == lost;
    isLost |= isIt;
    return isIt;
  }

  private boolean receiveDatagram() throws IOException {
    DatagramPacket packet = new DatagramPacket(incoming.array(), incoming.capacity());
    do {
      try {
        socket.receive(packet);
      } catch (SocketTimeoutException e) {
        return false;
      }
      // A later datagram from elsewhere would be another association.
      peer = (InetSocketAddress) packet.getSocketAddress();
    } while (isTheLostOne());
    incoming.position(packet.getLength());
    return true;
  }

  /** Opens the next record of what has come. */
  private SSLEngineResult unwrap() throws SSLException {
    incoming.flip();
    try {
      SSLEngineResult result = engine.unwrap(incoming, opened);
      if (result.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
        // The engine drops what it cannot read, and says this.
        incoming.position(incoming.limit());
      }
      return result;
    } finally {
      incoming.compact();
    }
  }

  void send(String text) throws IOException {
    wrap(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * The next message.
   *
   * @return null for the end
   */
  @Nullable String receive() throws IOException {
    for (int timeouts = 0; timeouts < MAX_TIMEOUTS; ) {
      if (incoming.position() == 0 && !receiveDatagram()) {
        timeouts++;
        continue;
      }
      SSLEngineResult result = unwrap();
      if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
        runTasks();
      }
      if (engine.isInboundDone()) {
        return null;
      }
      if (result.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        // The other side is still in the handshake: it has lost the last flight.
        wrap(ByteBuffer.allocate(0));
      }
      if (opened.position() > 0) {
        String text = new String(opened.array(), 0, opened.position(), StandardCharsets.UTF_8);
        opened.clear();
        return text;
      }
    }
    throw new IOException("nothing came");
  }

  /** Sends close_notify. */
  void sendCloseNotify() throws IOException {
    engine.closeOutbound();
    wrap(ByteBuffer.allocate(0));
  }

  @Override
  public void close() {
    socket.close();
  }
}
