package dev.tercet.testing;

import static dev.tercet.testing.RecordedDay.bytes;
import static dev.tercet.testing.RecordedDay.text;

import dev.tercet.BrokenResourceException;
import dev.tercet.OnHandlerError;
import dev.tercet.StopSignal;
import dev.tercet.blocking.ListenOptions;
import dev.tercet.blocking.Listener;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.SocketStream;
import dev.tercet.blocking.TlsListener;
import dev.tercet.blocking.TlsStream;
import dev.tercet.tls.TlsConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The day of {@link RecordedDay}, with threads. */
final class JavaDay {
  private JavaDay() {}

  public static void main(String[] args) throws Exception {
    RecordedDay.main(args, JavaDay::live);
  }

  /** Whose first accept fails. */
  private static final class Unlucky implements Listener<TlsStream<SocketStream>> {
    private final TlsListener<SocketStream> below;
    private boolean hasFailed;

    Unlucky(TlsListener<SocketStream> below) {
      this.below = below;
    }

    @Override
    public TlsStream<SocketStream> accept() throws IOException, InterruptedException {
      if (!hasFailed) {
        hasFailed = true;
        throw RecordedDay.noDescriptor();
      }
      return below.accept();
    }

    @Override
    public void close() throws IOException {
      below.close();
    }

    @Override
    public void closeForcefully() {
      below.closeForcefully();
    }

    @Override
    public String toString() {
      return "unlucky listener";
    }
  }

  private static void handle(TlsStream<SocketStream> stream)
      throws IOException, InterruptedException {
    byte[] received = stream.receiveSome(100);
    stream.sendAll(received);
    if (text(received).equals("bug")) {
      throw new RecordedDay.Unprintable();
    }
    while (received.length > 0) {
      received = stream.receiveSome(100);
    }
  }

  private static TlsStream<SocketStream> dial(int port, TlsConfig config, String said)
      throws IOException, InterruptedException {
    TlsStream<SocketStream> stream = Net.openTlsOverTcpStream("127.0.0.1", port, config);
    try {
      stream.sendAll(bytes(said));
      stream.receiveSome(100);
      return stream;
    } catch (Throwable e) {
      stream.closeForcefully();
      throw e;
    }
  }

  private static void live() throws Exception {
    TlsListener<SocketStream> listener =
        Net.openTlsOverTcpListeners(
                0, RecordedDay.SERVER, ListenOptions.DEFAULT.withHost("127.0.0.1"))
            .get(0);
    int port = listener.port();
    StopSignal stop = new StopSignal();
    ServeOptions options =
        ServeOptions.DEFAULT.withStop(stop, Duration.ZERO).withOnHandlerError(OnHandlerError.LOG);
    Nursery.run(
        nursery -> {
          nursery.start(
              status ->
                  Net.serveListeners(
                      JavaDay::handle, List.of(new Unlucky(listener)), options, status));
          dial(port, RecordedDay.CLIENT, "hello").close();
          Net.openTcpStream("127.0.0.1", port).close();
          try {
            dial(port, RecordedDay.STRANGER, "hello");
          } catch (BrokenResourceException untrusted) {
            // As expected.
          }
          dial(port, RecordedDay.CLIENT, "hello").closeForcefully();
          end(dial(port, RecordedDay.CLIENT, "bug"));
          TlsStream<SocketStream> last = dial(port, RecordedDay.CLIENT, "stay");
          stop.stop();
          end(last);
        });
  }

  private static void end(TlsStream<SocketStream> stream) throws IOException, InterruptedException {
    try (stream) {
      stream.receiveSome(100);
      throw new AssertionError("the end was clean");
    } catch (BrokenResourceException truncated) {
      // As expected.
    }
  }
}
