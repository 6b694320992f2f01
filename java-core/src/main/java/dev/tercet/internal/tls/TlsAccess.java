package dev.tercet.internal.tls;

import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The door from a session to the stream of the blocking API. Java has no word for "this module
 * only", and the class of the stream is in a package that imports this one.
 */
public final class TlsAccess {
  private static volatile @Nullable BiFunction<Object, TlsSession, Object> door;

  private TlsAccess() {}

  /**
   * Called once, by the class of the streams when it is initialized.
   *
   * @param door from a transport and a session to the stream
   */
  public static void open(BiFunction<Object, TlsSession, Object> door) {
    TlsAccess.door = door;
  }

  /**
   * A stream with a session that was made before there was a transport.
   *
   * @param transport a {@code dev.tercet.blocking.Stream}
   * @param session used by nobody else
   * @return a {@code dev.tercet.blocking.TlsStream}, whose class must be initialized
   */
  public static Object tlsStream(Object transport, TlsSession session) {
    BiFunction<Object, TlsSession, Object> door = TlsAccess.door;
    if (door == null) {
      throw new IllegalStateException("no TLS stream class has been initialized");
    }
    return door.apply(transport, session);
  }
}
