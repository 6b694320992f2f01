package dev.tercet.tls;

/** When an attempt of a race between the addresses of a TLS server has won (spec IO-HV12). */
public enum RaceThrough {
  /** When it is connected. The handshake comes later, on the one connection that there is then. */
  CONNECT,

  /**
   * When its handshake is done. An address that takes connections and then says nothing, or is
   * another server's, is given up for the next one, as an address would be that cannot be connected
   * to. It may cost a server more handshakes than one.
   */
  HANDSHAKE
}
