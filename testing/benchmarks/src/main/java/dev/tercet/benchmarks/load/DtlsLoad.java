package dev.tercet.benchmarks.load;

import dev.tercet.benchmarks.tls.BenchContexts;
import dev.tercet.benchmarks.tls.DtlsPeer;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * Clients of a DTLS server in one thread, each with a socket of its own and the JDK's engine. What
 * UDP loses is sent again: a flight of a handshake, or whatever {@link #silent} says.
 */
abstract class DtlsLoad implements AutoCloseable {
  /** Long enough for a server that is busy with everybody else. */
  private static final long SILENCE_NANOS = 500_000_000;

  private static final long LOOK_MILLIS = 100;

  /** Then the server has forgotten the client, or is gone. */
  private static final int MAX_SILENCES = 20;

  private final InetSocketAddress server;
  private final SSLContext context = BenchContexts.dtlsClient();
  private final Selector selector = Selector.open();
  private final ByteBuffer out = ByteBuffer.allocate(DtlsPeer.DATAGRAM_BYTES);
  private final ByteBuffer in = ByteBuffer.allocate(DtlsPeer.DATAGRAM_BYTES);
  private final ByteBuffer plaintext = ByteBuffer.allocate(DtlsPeer.DATAGRAM_BYTES);
  private final List<IOException> failures = new ArrayList<>();
  private long begun;
  private int readyCount;
  private long looked = System.nanoTime();

  DtlsLoad(int port) throws IOException {
    server = Generator.loopback(port);
  }

  /** A client. */
  final class Client {
    final DatagramChannel channel;
    final DtlsPeer peer;
    final long since = System.nanoTime();
    private final SelectionKey key;
    private boolean isReady;
    private int silences;

    /** When it last did something, or was last seen to be silent. */
    private long active = since;

    private Client() throws IOException {
      channel = DatagramChannel.open();
      channel.connect(server);
      channel.configureBlocking(false);
      key = channel.register(selector, SelectionKey.OP_READ, this);
      peer = DtlsPeer.client(channel, context, begun++, out);
    }

    void send(ByteBuffer message) throws IOException {
      active = System.nanoTime();
      peer.send(message);
    }

    /** It takes no further part, but is open still. */
    void rest() {
      key.cancel();
    }

    void close() throws IOException {
      try (channel) {
        peer.close();
      }
    }
  }

  /** A client has finished its handshake. */
  abstract void ready(Client client) throws IOException;

  /** A client has received a message. */
  abstract void message(Client client, ByteBuffer message) throws IOException;

  /** An answer is overdue. */
  abstract void silent(Client client) throws IOException;

  /**
   * Opens so many, and waits until all have shaken hands: those are no part of what is measured.
   */
  final List<Client> openAll(int count) throws IOException {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clients.add(open());
    }
    while (readyCount < count) {
      turn();
    }
    return clients;
  }

  /** Opens one more. */
  final Client open() throws IOException {
    return new Client();
  }

  /** Waits for something to happen, and has it looked after. */
  final void turn() throws IOException {
    selector.select(this::look, LOOK_MILLIS);
    long now = System.nanoTime();
    if (now - looked >= LOOK_MILLIS * 1_000_000) {
      looked = now;
      lookForSilence(now);
    }
    if (!failures.isEmpty()) {
      throw failures.get(0);
    }
  }

  private void look(SelectionKey key) {
    Client client = (Client) key.attachment();
    try {
      in.clear();
      if (client.channel.read(in) <= 0) {
        return;
      }
      int n = client.peer.receive(in.flip(), plaintext.clear());
      client.active = System.nanoTime();
      client.silences = 0;
      if (n == -1) {
        throw new EOFException("the server sent close_notify");
      }
      if (!client.isReady && client.peer.isEstablished()) {
        client.isReady = true;
        readyCount++;
        ready(client);
      }
      if (n > 0) {
        message(client, plaintext.flip());
      }
    } catch (IOException e) {
      failures.add(e);
      key.cancel();
    }
  }

  private void lookForSilence(long now) throws IOException {
    for (SelectionKey key : selector.keys()) {
      Client client = (Client) key.attachment();
      if (key.isValid() && now - client.active > SILENCE_NANOS) {
        client.active = now;
        if (++client.silences > MAX_SILENCES) {
          throw new IOException("the server no longer answers a client");
        }
        if (client.isReady) {
          silent(client);
        } else {
          client.peer.repeat();
        }
      }
    }
  }

  /** Closes those that do not rest. */
  @Override
  public void close() throws IOException {
    try (selector) {
      for (SelectionKey key : selector.keys()) {
        if (key.isValid()) {
          ((Client) key.attachment()).close();
        }
      }
    }
  }
}
