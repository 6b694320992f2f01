package dev.tercet.samples;

import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static java.util.Objects.requireNonNull;

import dev.tercet.*;
import dev.tercet.blocking.*;
import dev.tercet.tls.ClientHello;
import dev.tercet.tls.TlsServerConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ends TLS for several names on one port, each with a certificate and a server of its own. */
public record TlsProxy(Map<String, Site> sites) {
  /** What belongs to a name: its certificate, and the server behind, which speaks without TLS. */
  public record Site(TlsServerConfig config, String host, int port) {}

  /** Serves until stopped; connections then have ten seconds to end. */
  public ServeReport serve(
      int port, StopSignal stop, TaskStatus<? super List<TlsListener<SocketStream>>> status)
      throws IOException, InterruptedException {
    var options =
        ServeOptions.DEFAULT
            .withOnHandlerError(OnHandlerError.LOG)
            .withMaxConnections(1000)
            .withIdleTimeout(ofMinutes(5))
            .withStop(stop, ofSeconds(10));
    return Net.serveTlsOverTcp(
        port, this::choose, this::forward, ListenOptions.DEFAULT, options, status);
  }

  /** Null, for a name that is missing or unknown, is the alert unrecognized_name. */
  private @Nullable TlsServerConfig choose(ClientHello hello) {
    String name = hello.serverName();
    Site site = name == null ? null : sites.get(name);
    return site == null ? null : site.config();
  }

  private void forward(TlsStream<SocketStream> client) throws IOException, InterruptedException {
    try (client) { // The end sends close_notify.
      client.doHandshake();
      Site site = requireNonNull(sites.get(requireNonNull(client.serverHostname())));
      var limit = CancelScope.failAfter(ofSeconds(10));
      try (var server = limit.call(() -> Net.openTcpStream(site.host(), site.port()))) {
        System.out.println(client.serverHostname() + ": " + Net.relay(client, server));
      }
    }
  }
}
