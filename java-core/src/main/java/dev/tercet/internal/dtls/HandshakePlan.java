package dev.tercet.internal.dtls;

import dev.tercet.internal.dtls.bouncycastle.DtlsEngines;
import dev.tercet.proto.dtls.Association;
import dev.tercet.proto.dtls.ClientHello;
import dev.tercet.proto.dtls.HandshakeEngine;
import dev.tercet.proto.dtls.RetransmitTimer;
import dev.tercet.tls.DtlsConfig;
import dev.tercet.tls.DtlsServerConfig;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a channel needs to begin its handshake, whichever role it has.
 *
 * @param engines makes the engine, for an association
 * @param timeoutNanos for the whole handshake; {@link RetransmitTimer#NEVER} for no limit
 * @param sendsCloseNotify whether the peer is told when the channel is closed
 */
record HandshakePlan(
    Function<Association, HandshakeEngine> engines, long timeoutNanos, boolean sendsCloseNotify) {
  /** A client's. What is wrong with it is found now. */
  static HandshakePlan ofClient(
      EndpointCore core,
      DtlsEngines engines,
      InetSocketAddress peer,
      @Nullable String serverHostname,
      DtlsConfig config) {
    engines.client(config, serverHostname, peer, core.nanoTime(), () -> {});
    return new HandshakePlan(
        association ->
            engines.client(
                config, serverHostname, peer, core.nanoTime(), () -> core.engineReady(association)),
        nanos(config.handshakeTimeout()),
        config.sendCloseNotify());
  }

  /** A server's. */
  static HandshakePlan ofServer(EndpointCore core, DtlsEngines engines, DtlsServerConfig config) {
    return new HandshakePlan(
        association -> {
          ClientHello hello = Objects.requireNonNull(association.hello());
          return engines.server(
              config, hello, core.nanoTime(), () -> core.engineReady(association));
        },
        nanos(config.handshakeTimeout()),
        config.sendCloseNotify());
  }

  private static long nanos(@Nullable Duration limit) {
    if (limit == null || limit.compareTo(Duration.ofNanos(RetransmitTimer.NEVER / 4)) > 0) {
      return RetransmitTimer.NEVER;
    }
    return limit.toNanos();
  }
}
