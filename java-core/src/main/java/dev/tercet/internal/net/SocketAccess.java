package dev.tercet.internal.net;

import dev.tercet.Network;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The doors between the inside of a socket of the blocking API and its public face. Java has no
 * word for "this module only", and the classes of the faces are in a package that imports this one.
 */
public final class SocketAccess {
  private static volatile @Nullable BiFunction<NonBlockingSocket, Network, Object> door;
  private static volatile @Nullable Function<Object, NonBlockingDatagram> datagramDoor;
  private static volatile @Nullable Function<Object, @Nullable NonBlockingSocket> streamDoor;

  private SocketAccess() {}

  /**
   * Called once, by the class of the sockets when it is initialized.
   *
   * @param door from the inside and its network to the face
   */
  public static void open(BiFunction<NonBlockingSocket, Network, Object> door) {
    SocketAccess.door = door;
  }

  /**
   * The public face of a socket.
   *
   * @param inner the socket
   * @param network who resolves names for it
   * @return a {@code dev.tercet.blocking.StreamSocket}, whose class must be initialized
   */
  public static Object streamSocket(NonBlockingSocket inner, Network network) {
    BiFunction<NonBlockingSocket, Network, Object> door = SocketAccess.door;
    if (door == null) {
      throw new IllegalStateException("no socket class has been initialized");
    }
    return door.apply(inner, network);
  }

  /**
   * Called once, by the class of the socket streams when it is initialized.
   *
   * @param door from any stream to the socket below; null when it is no socket stream
   */
  public static void openStreams(Function<Object, @Nullable NonBlockingSocket> door) {
    SocketAccess.streamDoor = door;
  }

  /**
   * The socket of a stream.
   *
   * @param stream any
   * @return null when it is no socket stream
   */
  public static @Nullable NonBlockingSocket socketBelow(Object stream) {
    Function<Object, @Nullable NonBlockingSocket> door = streamDoor;
    return door == null ? null : door.apply(stream);
  }

  /**
   * Called once, by the class of the datagram sockets when it is initialized.
   *
   * @param door from the face to the inside
   */
  public static void openDatagrams(Function<Object, NonBlockingDatagram> door) {
    SocketAccess.datagramDoor = door;
  }

  /**
   * The inside of a datagram socket.
   *
   * @param udpSocket a {@code dev.tercet.blocking.UdpSocket}
   * @return the socket
   */
  public static NonBlockingDatagram datagram(Object udpSocket) {
    Function<Object, NonBlockingDatagram> door = SocketAccess.datagramDoor;
    if (door == null) {
      throw new IllegalArgumentException("not a datagram socket: " + udpSocket);
    }
    return door.apply(udpSocket);
  }
}
