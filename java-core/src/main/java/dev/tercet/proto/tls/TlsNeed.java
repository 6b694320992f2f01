package dev.tercet.proto.tls;

/** What a step of a {@link TlsMachine} needs before it can be repeated. */
public enum TlsNeed {
  /** Nothing: the step is done. */
  NOTHING,

  /** Output must reach the transport: all that is {@linkplain TlsMachine#urgentMark urgent}. */
  SEND,

  /** Bytes from the transport, or its end. */
  RECEIVE,

  /**
   * The choice of an engine for the {@linkplain TlsMachine#hello hello} that has come: {@link
   * TlsMachine#choose} or {@link TlsMachine#refuse}.
   */
  CHOOSE,

  /** A computation that the engine has handed out; see {@link TlsMachine#takeTask}. */
  COMPUTE,

  /** The end of a computation that somebody else is running. */
  TURN
}
