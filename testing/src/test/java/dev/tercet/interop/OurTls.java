package dev.tercet.interop;

import dev.tercet.BrokenResourceException;
import dev.tercet.TlsConfig;
import dev.tercet.TlsInfo;
import dev.tercet.TlsServerConfig;
import dev.tercet.TlsTruncatedException;
import dev.tercet.TlsVersion;
import dev.tercet.net.Net;
import dev.tercet.serve.ListenOptions;
import dev.tercet.socket.SocketListener;
import dev.tercet.socket.SocketStream;
import dev.tercet.stream.BufferedReceiveStream;
import dev.tercet.tls.TlsStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;

/** Our side of a conversation with another program, in lines or in bulk. */
final class OurTls implements Closeable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int LONGEST_LINE = 16_384;

  /** More than several records, and no multiple of anything. */
  static final int BULK = 300_007;

  final TlsStream<SocketStream> tls;
  private final BufferedReceiveStream received;

  private OurTls(TlsStream<SocketStream> tls) {
    this.tls = tls;
    this.received = BufferedReceiveStream.wrap(tls);
  }

  /** A client that has done the handshake. */
  static OurTls connect(int port, TlsConfig config) throws IOException, InterruptedException {
    return connect(Net.openTcpStream(LOOPBACK, port), config);
  }

  /** The same over a Unix-domain socket. */
  static OurTls connect(Path path, TlsConfig config) throws IOException, InterruptedException {
    return connect(Net.openUnixSocket(path), config);
  }

  private static OurTls connect(SocketStream socket, TlsConfig config)
      throws IOException, InterruptedException {
    OurTls made = new OurTls(TlsStream.wrapClient(socket, PeerFiles.NAME, config));
    try {
      made.tls.doHandshake();
      return made;
    } catch (Throwable e) {
      made.tls.closeForcefully();
      throw e;
    }
  }

  static SocketListener listen() throws IOException, InterruptedException {
    return Net.openTcpListeners(0, ListenOptions.DEFAULT.withHost(LOOPBACK)).get(0);
  }

  /** A server to the next that connects; the handshake is still to be done. */
  static OurTls accept(SocketListener listener, TlsServerConfig config)
      throws IOException, InterruptedException {
    return new OurTls(TlsStream.wrapServer(listener.accept(), config));
  }

  TlsInfo handshake() throws IOException, InterruptedException {
    tls.doHandshake();
    return tls.info();
  }

  OurTls say(String line) throws IOException, InterruptedException {
    return send(line.getBytes(StandardCharsets.UTF_8));
  }

  OurTls send(byte[] data) throws IOException, InterruptedException {
    tls.sendAll(ByteBuffer.wrap(data));
    return this;
  }

  /** Null at the end. */
  @Nullable String hear() throws IOException, InterruptedException {
    return received.receiveLine(LONGEST_LINE);
  }

  /** All lines up to an empty one, as in HTTP. */
  String hearHead() throws IOException, InterruptedException {
    StringBuilder head = new StringBuilder();
    for (String line = hear(); line != null && !line.isEmpty(); line = hear()) {
      head.append(line).append('\n');
    }
    return head.toString();
  }

  byte[] receive(int count) throws IOException, InterruptedException {
    return received.receiveExactly(count);
  }

  /** To the end, which must be one that the peer has said. */
  byte[] receiveAll() throws IOException, InterruptedException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (true) {
      byte[] some = received.receiveSome(LONGEST_LINE);
      if (some.length == 0) {
        return all.toByteArray();
      }
      all.writeBytes(some);
    }
  }

  /** The peer has gone without a goodbye, and that is told. */
  void assertTruncated() {
    BrokenResourceException broken =
        Assertions.assertThrows(BrokenResourceException.class, this::receiveAll);
    TlsTruncatedException cause =
        Assertions.assertInstanceOf(TlsTruncatedException.class, broken.getCause());
    Assertions.assertFalse(cause.duringHandshake());
  }

  void assertEnded() throws IOException, InterruptedException {
    Assertions.assertEquals(0, receiveAll().length);
  }

  /** Bytes that are at no other place the same, as text of lines that are not long. */
  static byte[] bulk() {
    StringBuilder text = new StringBuilder(BULK + 100);
    for (int i = 0; text.length() < BULK; i++) {
      text.append("line ").append(i * 7_919L).append(" of the text\n");
    }
    text.setLength(BULK - 1);
    return text.append('\n').toString().getBytes(StandardCharsets.US_ASCII);
  }

  static String leafName(TlsInfo info) {
    return info.peerCertificates().isEmpty()
        ? "nobody"
        : info.peerCertificates().get(0).getSubjectX500Principal().getName();
  }

  static String wordFor(TlsVersion version) {
    return Objects.requireNonNull(version) == TlsVersion.TLS_1_2 ? "1.2" : "1.3";
  }

  @Override
  public void close() throws IOException {
    tls.close();
  }
}
