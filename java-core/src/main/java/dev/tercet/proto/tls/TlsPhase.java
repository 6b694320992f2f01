package dev.tercet.proto.tls;

/** Where a session is; see the table of {@link TlsMachine}. */
enum TlsPhase {
  /** There is no engine: the ClientHello by which one is chosen is not whole. */
  CHOOSING,

  /** There is an engine that has not been touched. */
  NEW,

  /** The engine has begun. */
  HANDSHAKING,

  /** The facts of the session are known. */
  OPEN,

  /** The session has ended in both directions by a failure. */
  FAILED,

  /** Nobody uses it any more. */
  RELEASED
}
