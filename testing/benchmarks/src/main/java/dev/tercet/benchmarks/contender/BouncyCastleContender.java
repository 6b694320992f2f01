package dev.tercet.benchmarks.contender;

import dev.tercet.benchmarks.tls.BenchContexts;
import java.io.EOFException;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.DTLSRequest;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.DTLSVerifier;
import org.bouncycastle.tls.DatagramTransport;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCryptoProvider;

/**
 * Bouncy Castle's own DTLS server, over the JDK's crypto as ours is: it blocks, so each peer has a
 * platform thread, and one more reads the socket and gives each what is its. Nobody who has not
 * brought a cookie back gets a thread.
 */
public final class BouncyCastleContender implements Contender {
  private static final int DATAGRAM_BYTES = 65535;
  private static final int MTU = 1452;

  private final JcaTlsCrypto crypto;
  private final DTLSVerifier verifier;

  /** A key store takes its time to open. */
  private final PrivateKey key = BenchContexts.privateKey();

  private final X509Certificate certificate = BenchContexts.certificate();
  private final Map<SocketAddress, Peer> peers = new ConcurrentHashMap<>();

  /** Makes one. */
  public BouncyCastleContender() {
    crypto = new JcaTlsCryptoProvider().create(new SecureRandom());
    verifier = new DTLSVerifier(crypto);
  }

  @Override
  public int serve(Work work) throws IOException {
    DatagramSocket socket = new DatagramSocket(Contender.anyPort());
    Threads.platform().newThread(() -> read(socket, work)).start();
    return socket.getLocalPort();
  }

  private void read(DatagramSocket socket, Work work) {
    DatagramPacket packet = new DatagramPacket(new byte[DATAGRAM_BYTES], DATAGRAM_BYTES);
    try {
      while (true) {
        packet.setLength(DATAGRAM_BYTES);
        socket.receive(packet);
        SocketAddress from = packet.getSocketAddress();
        Peer peer = peers.get(from);
        if (peer != null) {
          peer.received.add(Arrays.copyOf(packet.getData(), packet.getLength()));
        } else {
          verify(socket, from, packet, work);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("the socket failed", e);
    }
  }

  private void verify(DatagramSocket socket, SocketAddress from, DatagramPacket packet, Work work) {
    Peer peer = new Peer(socket, from);
    byte[] name = from.toString().getBytes(StandardCharsets.UTF_8);
    DTLSRequest request =
        verifier.verifyRequest(name, packet.getData(), 0, packet.getLength(), peer);
    if (request != null) {
      peers.put(from, peer);
      Threads.platform().newThread(() -> handle(peer, request, work)).start();
    }
  }

  private void handle(Peer peer, DTLSRequest request, Work work) {
    byte[] buffer = new byte[work.bufferBytes()];
    try {
      DTLSTransport transport = new DTLSServerProtocol().accept(new BenchServer(), peer, request);
      while (true) {
        int n = transport.receive(buffer, 0, buffer.length, Peer.LIMIT_MILLIS);
        if (n > 0 && DatagramAnswers.wanted(work, buffer[0])) {
          transport.send(buffer, 0, n);
        }
      }
    } catch (IOException e) {
      // The peer has gone.
    } finally {
      peers.remove(peer.address, peer);
    }
  }

  /** The datagrams of one peer. */
  private static final class Peer implements DatagramTransport {
    static final int LIMIT_MILLIS = 60_000;
    private static final byte[] END = {};

    final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    final SocketAddress address;
    private final DatagramSocket socket;

    Peer(DatagramSocket socket, SocketAddress address) {
      this.socket = socket;
      this.address = address;
    }

    @Override
    public int getReceiveLimit() {
      return MTU;
    }

    @Override
    public int getSendLimit() {
      return MTU;
    }

    @Override
    public int receive(byte[] into, int offset, int length, int waitMillis) throws IOException {
      try {
        byte[] datagram = received.poll(waitMillis, TimeUnit.MILLISECONDS);
        if (datagram == null) {
          return -1;
        }
        if (datagram == END) {
          throw new EOFException("closed");
        }
        int n = Math.min(length, datagram.length);
        System.arraycopy(datagram, 0, into, offset, n);
        return n;
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts us", e);
      }
    }

    @Override
    public void send(byte[] from, int offset, int length) throws IOException {
      socket.send(new DatagramPacket(from, offset, length, address));
    }

    /** Called by the protocol when the peer has sent close_notify. */
    @Override
    public void close() {
      received.add(END);
    }
  }

  /** DTLS 1.2, one cipher, one key. */
  private final class BenchServer extends DefaultTlsServer {
    BenchServer() {
      super(crypto);
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
      return ProtocolVersion.DTLSv12.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
      return new int[] {CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256};
    }

    @Override
    protected TlsCredentialedSigner getECDSASignerCredentials() throws IOException {
      try {
        TlsCertificate only = crypto.createCertificate(certificate.getEncoded());
        return new JcaDefaultTlsCredentialedSigner(
            new TlsCryptoParameters(context),
            crypto,
            key,
            new Certificate(new TlsCertificate[] {only}),
            SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
      } catch (CertificateEncodingException e) {
        throw new TlsFatalAlert(AlertDescription.internal_error, e);
      }
    }
  }
}
