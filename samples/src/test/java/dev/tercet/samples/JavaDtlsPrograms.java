package dev.tercet.samples;

import dev.tercet.OnHandlerError;
import dev.tercet.blocking.CancelScope;
import dev.tercet.blocking.DtlsChannel;
import dev.tercet.blocking.DtlsEndpoint;
import dev.tercet.blocking.Net;
import dev.tercet.blocking.Nursery;
import dev.tercet.blocking.ServeOptions;
import dev.tercet.blocking.UdpSocket;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsServerConfig;
import dev.tercet.tls.TlsIdentity;
import dev.tercet.tls.TlsTrust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/** Program 7 in Java, as short as the API's design promises. What it would print it returns. */
final class JavaDtlsPrograms {
  private JavaDtlsPrograms() {}

  static String pingAndPong(
      TlsIdentity identity, TlsTrust trust, Duration handshakeLimit, Duration answerLimit)
      throws IOException, InterruptedException {
    AtomicReference<String> printed = new AtomicReference<>("");
    Nursery.run(
        nursery -> {
          var server =
              nursery.<DtlsEndpoint>start(
                  status -> {
                    try (var endpoint = DtlsEndpoint.wrap(UdpSocket.bind(null, 0))) {
                      var unused =
                          endpoint.serve(
                              DtlsServerConfig.of(identity),
                              channel -> channel.forEach(channel::send),
                              ServeOptions.DEFAULT.withOnHandlerError(OnHandlerError.LOG),
                              status);
                    }
                  });
          int port = Objects.requireNonNull(server.socket().localAddress()).getPort();
          try (var endpoint = DtlsEndpoint.wrap(UdpSocket.bind(null, 0))) {
            DtlsChannel channel =
                endpoint.connect(
                    Net.getaddrinfo("localhost", port).get(0),
                    "localhost",
                    DtlsConfig.DEFAULT.withTrust(trust));
            CancelScope.failAfter(handshakeLimit).run(channel::doHandshake);
            channel.send("ping".getBytes(StandardCharsets.UTF_8));
            byte[] pong = CancelScope.failAfter(answerLimit).call(channel::receive);
            printed.set(new String(pong, StandardCharsets.UTF_8));
          }
          nursery.cancelChildren();
        });
    return Objects.requireNonNull(printed.get());
  }
}
