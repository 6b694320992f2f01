package dev.tercet.interop;

import dev.tercet.BrokenResourceException;
import dev.tercet.blocking.BufferedReceiveStream;
import dev.tercet.blocking.Chooser;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.SocketListener;
import dev.tercet.blocking.Stream;
import dev.tercet.blocking.TlsStream;
import dev.tercet.tls.TlsConfig;
import dev.tercet.tls.TlsInfo;
import dev.tercet.tls.TlsServerConfig;
import dev.tercet.tls.TlsTruncatedException;
import dev.tercet.tls.TlsVersion;
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

  /**
   * What the lines of the bulk begin with, and nothing else that a peer prints. OpenSSL's programs
   * obey single letters, wherever a read of theirs may begin with one: B, K, P, Q, R, S, and most
   * of them small too. There are none in the bulk.
   */
  static final String BULK_MARKER = "the line no ";

  /**
   * What a record with 512 bytes is at most when it is encrypted, in both versions. An engine of
   * the JDK refuses longer ones, too, when it is told not to send them.
   */
  static final int RECORD_OF_512 = 512 + 40;

  /** More than several records, and no multiple of anything. */
  static final int BULK = 300_007;

  final TlsStream<Wire> tls;
  final Wire wire;
  private final BufferedReceiveStream received;

  private OurTls(TlsStream<Wire> tls) {
    this.tls = tls;
    this.wire = tls.transportStream();
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

  /** The same over whatever there is. */
  static OurTls connect(Stream transport, TlsConfig config)
      throws IOException, InterruptedException {
    OurTls made = new OurTls(TlsStream.wrapClient(new Wire(transport), PeerFiles.NAME, config));
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
    return new OurTls(TlsStream.wrapServer(new Wire(listener.accept()), config));
  }

  /** The same, with a choice by what the client says. */
  static OurTls accept(SocketListener listener, Chooser chooser)
      throws IOException, InterruptedException {
    return new OurTls(TlsStream.wrapChoosing(new Wire(listener.accept()), chooser));
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

  /** The peer has gone without close_notify, and that is told. */
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

  /** A line of the peer's, and one of ours. */
  void assertTalks(PeerProgram peer) throws IOException, InterruptedException {
    peer.say("hello\n");
    Assertions.assertEquals("hello", hear());
    say("and to you\n");
    peer.await("and to you");
  }

  /** A client with its certificate and its protocol, that talks and ends before we do. */
  void assertMeetsAndEnds(PeerProgram client, TlsVersion version)
      throws IOException, InterruptedException {
    TlsInfo info = handshake();
    Assertions.assertEquals(version.protocolName(), info.version());
    Assertions.assertEquals("http/1.1", info.alpn());
    Assertions.assertEquals("CN=client.test", leafName(info));
    assertTalks(client);
    client.endInput();
    assertEnded();
    tls.close();
    Assertions.assertEquals(0, client.exitCode());
  }

  /**
   * The peer obeys its command for new keys, three times, and each time lines go on both ways.
   *
   * @param sign what it prints of an update
   * @param signsPerRound how often, when it has been answered
   */
  void assertTalksOverKeyUpdates(PeerProgram peer, String command, String sign, int signsPerRound)
      throws IOException, InterruptedException {
    for (int round = 0; round < 3; round++) {
      peer.say(command + "\n").await(signsPerRound * round + 1, sign);
      peer.say("after " + round + "\n");
      Assertions.assertEquals("after " + round, hear());
      say("answer " + round + "\n");
      peer.await("answer " + round);
    }
    Assertions.assertEquals(3L * signsPerRound, peer.count(sign));
  }

  /** Sends and receives the bulk at the same time. */
  void exchangeBulk() throws IOException, InterruptedException {
    byte[] bulk = bulk();
    Nursery.run(
        nursery -> {
          nursery.startSoon(() -> send(bulk));
          Assertions.assertArrayEquals(bulk, receive(bulk.length));
        });
  }

  /** Bytes that are at no other place the same, as text of lines that are not long. */
  static byte[] bulk() {
    StringBuilder text = new StringBuilder(BULK + 100);
    for (int i = 0; text.length() < BULK; i++) {
      text.append(BULK_MARKER).append(i * 7_919L).append('\n');
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
