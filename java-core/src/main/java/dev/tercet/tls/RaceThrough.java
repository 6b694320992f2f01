package dev.tercet.tls;

/** When an attempt of a race between the addresses of a TLS server has won (spec IO-HV12). */
public enum RaceThrough {
  /** When it is connected. The handshake follows later, on the winning connection only. */
  CONNECT,

  /**
   * When its handshake is complete. An address that accepts connections and then stays silent, or
   * belongs to another server, is abandoned for the next one, like an unreachable address. A server
   * may have to perform several handshakes.
   */
  HANDSHAKE
}
