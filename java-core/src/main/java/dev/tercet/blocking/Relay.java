package dev.tercet.blocking;

import dev.tercet.BrokenResourceException;
import dev.tercet.RelayReport;
import dev.tercet.RelayReport.Side;
import dev.tercet.tls.NeedHandshakeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Two streams that are connected with each other; see {@link Net#relay}. */
final class Relay {
  /** On the heap: a thousand idle connections hold little memory then. */
  private static final int BUFFER_BYTES = 16 * 1024;

  private final Stream client;
  private final Stream server;
  private final AtomicReference<@Nullable Side> first = new AtomicReference<>();

  /** Written by one task each, and read when both have ended. */
  private long toServer;

  private long toClient;

  Relay(Stream client, Stream server) {
    this.client = client;
    this.server = server;
  }

  RelayReport run() throws IOException, InterruptedException {
    CancelScope answering = CancelScope.open();
    Nursery.run(
        nursery -> {
          nursery.startSoon(
              () -> {
                copy(client, server, n -> toServer += n);
                first.compareAndSet(null, Side.CLIENT);
                handEndOn(server);
                if (!endsByHalves(client)) {
                  answering.cancel();
                }
              });
          boolean unused =
              answering.run(
                  () -> {
                    copy(server, client, n -> toClient += n);
                    first.compareAndSet(null, Side.SERVER);
                    handEndOn(client);
                  });
          if (!endsByHalves(client) || !endsByHalves(server)) {
            nursery.cancelChildren();
          }
        });
    return new RelayReport(toServer, toClient, Objects.requireNonNull(first.get()));
  }

  @FunctionalInterface
  private interface Count {
    void add(int bytes);
  }

  private static void copy(Stream from, Stream to, Count count)
      throws IOException, InterruptedException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    int n = from.receiveSome(buffer);
    while (n != -1) {
      to.sendAll(buffer.flip());
      count.add(n);
      n = from.receiveSome(buffer.clear());
    }
  }

  private static void handEndOn(Stream stream) throws IOException, InterruptedException {
    try {
      sendEofIfPossible(stream);
    } catch (BrokenResourceException e) {
      // It has gone already, after its own end perhaps. Who receives from it decides whether that
      // is an error.
    }
  }

  private static void sendEofIfPossible(Stream stream) throws IOException, InterruptedException {
    if (stream instanceof HalfCloseableStream halves) {
      halves.sendEof();
    } else if (stream instanceof BufferedStream<?> buffered) {
      sendEofIfPossible(buffered.transportStream());
    } else if (stream instanceof TlsStream<?> tls && endsByHalves(tls)) {
      tls.sendEof();
    }
  }

  /** Whether one direction can end and the other go on. */
  private static boolean endsByHalves(Stream stream) {
    if (stream instanceof BufferedStream<?> buffered) {
      return endsByHalves(buffered.transportStream());
    }
    if (!(stream instanceof TlsStream<?> tls)) {
      return stream instanceof HalfCloseableStream;
    }
    try {
      return !tls.httpsCompatible() && tls.info().version().equals("TLSv1.3");
    } catch (NeedHandshakeException e) {
      // It has carried nothing, so nobody waits for more.
      return false;
    }
  }
}
