package dev.tercet.benchmarks.tls;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * A peer and the JDK's DTLS engine that talks to it, driven by hand for nothing but these
 * benchmarks: no timer, no locks, no cancellation. Datagrams that the socket has no room for are
 * lost, as UDP's are.
 */
public final class DtlsPeer {
  /** Of an Ethernet with IPv6; the engine's own would be that of loopback. */
  private static final int MTU = 1452;

  /** Room for any datagram. */
  public static final int DATAGRAM_BYTES = 65536;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final DatagramChannel channel;

  /** Null for the one to which the channel is connected. */
  private final @Nullable SocketAddress address;

  private final SSLEngine engine;

  /** Shared by all peers of a thread. */
  private final ByteBuffer out;

  private DtlsPeer(
      DatagramChannel channel, @Nullable SocketAddress address, SSLEngine engine, ByteBuffer out)
      throws SSLException {
    this.channel = channel;
    this.address = address;
    this.engine = engine;
    this.out = out;
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setMaximumPacketSize(MTU);
    engine.setSSLParameters(parameters);
    engine.beginHandshake();
  }

  /**
   * A client's end. Sends its hello.
   *
   * @param channel connected
   * @param context the client's
   * @param number a different one asks for a handshake of its own, and not for an old session
   * @param out room for a datagram, between calls nobody's
   * @return in its handshake
   * @throws IOException when the socket fails
   */
  public static DtlsPeer client(
      DatagramChannel channel, SSLContext context, long number, ByteBuffer out) throws IOException {
    DtlsPeer peer = new DtlsPeer(channel, null, clientEngine(context, number), out);
    peer.receive(NOTHING, NOTHING);
    return peer;
  }

  /**
   * A server's end.
   *
   * @param channel the socket of all peers
   * @param address of this one
   * @param context the server's
   * @param out room for a datagram, between calls nobody's
   * @return before the handshake
   * @throws SSLException when the engine does not start
   */
  public static DtlsPeer server(
      DatagramChannel channel, SocketAddress address, SSLContext context, ByteBuffer out)
      throws SSLException {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    return new DtlsPeer(channel, address, engine, out);
  }

  /**
   * The first datagram of a client.
   *
   * @param context the client's
   * @return a hello without a cookie
   * @throws SSLException when the engine does not start
   */
  public static ByteBuffer hello(SSLContext context) throws SSLException {
    SSLEngine engine = clientEngine(context, 0);
    engine.beginHandshake();
    ByteBuffer hello = ByteBuffer.allocate(DATAGRAM_BYTES);
    engine.wrap(NOTHING, hello);
    return hello.flip();
  }

  private static SSLEngine clientEngine(SSLContext context, long number) {
    SSLEngine engine = context.createSSLEngine("bench" + number, 0);
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(new String[] {BenchContexts.DTLS_PROTOCOL});
    engine.setEnabledCipherSuites(new String[] {BenchContexts.DTLS_CIPHER_SUITE});
    return engine;
  }

  /**
   * Whether the handshake is done.
   *
   * @return true when messages can be sent
   */
  public boolean isEstablished() {
    return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
  }

  /**
   * Takes a datagram, and goes on with the handshake.
   *
   * @param datagram what was received; empty to begin
   * @param into with room for a record
   * @return how many bytes of plaintext; -1 when the peer has sent close_notify
   * @throws IOException when the engine refuses it, or the socket fails
   */
  public int receive(ByteBuffer datagram, ByteBuffer into) throws IOException {
    int before = into.position();
    while (true) {
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> {
          if (wrap(NOTHING) == 0) {
            return into.position() - before;
          }
        }
        case NEED_UNWRAP_AGAIN -> engine.unwrap(NOTHING, into);
        case NEED_UNWRAP, NOT_HANDSHAKING, FINISHED -> {
          int from = datagram.position();
          if (!datagram.hasRemaining()) {
            return into.position() - before;
          }
          SSLEngineResult result = engine.unwrap(datagram, into);
          switch (result.getStatus()) {
            case OK -> {
              if (datagram.position() == from && result.bytesProduced() == 0) {
                return into.position() - before;
              }
            }
            case CLOSED -> {
              return -1;
            }
            // No record, nor the beginning of one: what is left of it is junk.
            case BUFFER_UNDERFLOW -> {
              return into.position() - before;
            }
            case BUFFER_OVERFLOW -> throw new IOException("no room for a record");
          }
        }
      }
    }
  }

  /**
   * Sends a message in a datagram.
   *
   * @param message is taken whole
   * @throws IOException when the socket fails
   */
  public void send(ByteBuffer message) throws IOException {
    wrap(message);
  }

  /**
   * Sends the last flight again: the engine does that when it is asked for output while it waits.
   *
   * @throws IOException when the socket fails
   */
  public void repeat() throws IOException {
    if (wrap(NOTHING) > 0) {
      receive(NOTHING, NOTHING);
    }
  }

  /**
   * Sends close_notify.
   *
   * @throws IOException when the socket fails
   */
  public void close() throws IOException {
    engine.closeOutbound();
    wrap(NOTHING);
  }

  /** How many bytes went out. */
  private int wrap(ByteBuffer from) throws IOException {
    SSLEngineResult result = engine.wrap(from, out.clear());
    if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
      throw new IOException("no room for a datagram");
    }
    out.flip();
    if (out.hasRemaining()) {
      if (address == null) {
        channel.write(out);
      } else {
        channel.send(out, address);
      }
    }
    return result.bytesProduced();
  }

  private void runTasks() {
    Runnable task;
    while ((task = engine.getDelegatedTask()) != null) {
      task.run();
    }
  }
}
