package dev.tercet.blocking;

import java.net.SocketAddress;

/** A stream that knows its peer. What lies over any stream asks it, and need not know sockets. */
interface PeerOwner {
  /** The address of the peer. */
  SocketAddress remoteAddress();
}
