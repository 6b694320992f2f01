package dev.tercet.internal.tls;

import dev.tercet.proto.tls.PeerDemands;
import javax.net.ssl.SSLEngine;

/**
 * An engine that was told what the configuration says, and what it must have done.
 *
 * @param engine fresh
 * @param demands for when its handshake has ended
 */
public record ConfiguredEngine(SSLEngine engine, PeerDemands demands) {}
