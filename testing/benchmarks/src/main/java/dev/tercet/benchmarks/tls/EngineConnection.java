package dev.tercet.benchmarks.tls;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * A channel and the engine above it, driven by hand for nothing but these benchmarks: no locks, no
 * cancellation, no care for engines that nobody measures here. The channel may block or not; where
 * one that does not has nothing or no room, 0 comes back.
 */
public final class EngineConnection implements AutoCloseable {
  /** How many go into one write: more brought nothing, fewer cost system calls. */
  private static final int RECORDS_PER_WRITE = 4;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** The channel has no whole record. */
  private static final int WAIT = -2;

  private final SocketChannel channel;
  private final SSLEngine engine;
  private final ByteBuffer in;
  private final ByteBuffer out;
  private boolean isShaken;

  private EngineConnection(SocketChannel channel, SSLEngine engine, boolean isNative) {
    this.channel = channel;
    this.engine = engine;
    int bytes = engine.getSession().getPacketBufferSize() * RECORDS_PER_WRITE;
    in = buffer(bytes, isNative).flip();
    out = buffer(bytes, isNative).flip();
  }

  /**
   * A buffer of the kind that an engine works on.
   *
   * @param bytes its size
   * @param isNative whether the engine is a native one; the JDK's works on arrays
   * @return empty
   */
  public static ByteBuffer buffer(int bytes, boolean isNative) {
    return isNative ? ByteBuffer.allocateDirect(bytes) : ByteBuffer.allocate(bytes);
  }

  /**
   * A client's end.
   *
   * @param channel connected
   * @param context the client's
   * @param number a different one asks for a handshake of its own, and not for an old session
   * @return before the handshake
   * @throws SSLException when the engine does not start
   */
  public static EngineConnection client(SocketChannel channel, SSLContext context, long number)
      throws SSLException {
    SSLEngine engine = context.createSSLEngine("bench" + number, 0);
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(new String[] {BenchContexts.PROTOCOL});
    engine.setEnabledCipherSuites(new String[] {BenchContexts.CIPHER_SUITE});
    return begun(channel, engine, false);
  }

  /**
   * A server's end.
   *
   * @param channel connected
   * @param context the server's
   * @param isNative whether its engines are native ones
   * @return before the handshake
   * @throws SSLException when the engine does not start
   */
  public static EngineConnection server(SocketChannel channel, SSLContext context, boolean isNative)
      throws SSLException {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    return begun(channel, engine, isNative);
  }

  private static EngineConnection begun(SocketChannel channel, SSLEngine engine, boolean isNative)
      throws SSLException {
    engine.beginHandshake();
    return new EngineConnection(channel, engine, isNative);
  }

  /**
   * Goes on with the handshake.
   *
   * @return true when it is finished and everything is sent; false when one must wait
   * @throws IOException when it fails
   */
  public boolean shakeHands() throws IOException {
    while (!isShaken) {
      if (!flush()) {
        return false;
      }
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> wrap(NOTHING);
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          int n = unwrap(NOTHING);
          if (n == -1) {
            throw new EOFException("the peer ended the connection in the handshake");
          }
          if (n == WAIT) {
            return false;
          }
        }
        case FINISHED, NOT_HANDSHAKING -> isShaken = true;
      }
    }
    return flush();
  }

  /**
   * Receives.
   *
   * @param into with room for a record, 16 KiB and a half
   * @return how many bytes; 0 when the channel has none, -1 at the end
   * @throws IOException when the connection fails
   */
  public int read(ByteBuffer into) throws IOException {
    int n;
    do {
      n = unwrap(into);
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        wrap(NOTHING);
        flush();
      }
    } while (n == 0);
    return n == WAIT ? 0 : n;
  }

  /** Takes one record, from the channel if need be: its bytes, WAIT, or -1 at the end. */
  private int unwrap(ByteBuffer into) throws IOException {
    while (true) {
      SSLEngineResult result = engine.unwrap(in, into);
      switch (result.getStatus()) {
        case OK -> {
          if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
            runTasks();
          }
          return result.bytesProduced();
        }
        case CLOSED -> {
          return -1;
        }
        case BUFFER_OVERFLOW -> throw new IOException("no room for a record");
        case BUFFER_UNDERFLOW -> {
          in.compact();
          int n = channel.read(in);
          in.flip();
          if (n <= 0) {
            return n == 0 ? WAIT : n;
          }
        }
      }
    }
  }

  /**
   * Sends some.
   *
   * @param from what to send
   * @return how many bytes were taken; 0 when the channel has no room
   * @throws IOException when the connection fails
   */
  public int write(ByteBuffer from) throws IOException {
    if (!flush()) {
      return 0;
    }
    int taken = wrap(from);
    flush();
    return taken;
  }

  private int wrap(ByteBuffer from) throws IOException {
    int packet = engine.getSession().getPacketBufferSize();
    int before = from.position();
    out.clear();
    try {
      do {
        SSLEngineResult result = engine.wrap(from, out);
        if (result.getStatus() != SSLEngineResult.Status.OK) {
          if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
            break;
          }
          throw new IOException("wrap says " + result.getStatus());
        }
      } while (from.hasRemaining() && out.remaining() >= packet);
    } finally {
      out.flip();
    }
    return from.position() - before;
  }

  /**
   * Sends what was left.
   *
   * @return true when nothing is left any more
   * @throws IOException when the connection fails
   */
  public boolean flush() throws IOException {
    if (out.hasRemaining()) {
      channel.write(out);
    }
    return !out.hasRemaining();
  }

  private void runTasks() {
    Runnable task;
    while ((task = engine.getDelegatedTask()) != null) {
      task.run();
    }
  }

  /** Sends close_notify if there is room for it, and closes. */
  @Override
  public void close() throws IOException {
    try (channel) {
      if (flush()) {
        engine.closeOutbound();
        wrap(NOTHING);
        flush();
      }
    }
  }
}
