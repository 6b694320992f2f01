package dev.tercet.blocking;

/** What may have a port at its bottom: TLS listeners know no sockets. */
interface PortOwner {
  /** 1 to 65535; an {@link IllegalStateException} when there is none. */
  int port();
}
