package dev.tercet.internal.nio;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Locale;

/**
 * What an error of {@code accept} means. The JDK gives no errno, only the system's text, which may
 * be in the user's language; so the text is looked at first, and an experiment decides the rest.
 */
public final class AcceptErrors {
  /** One connection is spoilt; the listener is fine (spec IO-SL3). */
  private static final List<String> ABOUT_ONE_CONNECTION =
      List.of(
          "connection aborted",
          "software caused connection abort",
          "operation not permitted",
          "protocol error",
          "protocol not available",
          "network is down",
          "network is unreachable",
          "host is down",
          "no route to host",
          "machine is not on the network",
          "operation not supported",
          "out of streams resources",
          "socket type not supported",
          "protocol not supported",
          "connection timed out",
          "connection reset");

  /** Out of descriptors or memory: it passes (spec IO-SV6, IO-SL7, IO-SL9). */
  private static final List<String> ABOUT_CAPACITY =
      List.of(
          "too many open files",
          "too many open sockets",
          "no buffer space",
          "cannot allocate memory",
          "not enough memory");

  private AcceptErrors() {}

  /**
   * Whether only the connection that was being accepted is spoilt, so that the next can be tried at
   * once.
   *
   * @param e from accept
   * @return true when it is to be swallowed
   */
  public static boolean isAboutOneConnection(IOException e) {
    return says(e, ABOUT_ONE_CONNECTION);
  }

  /**
   * Whether the system lacks descriptors or memory just now.
   *
   * @param e from accept
   * @return true when a pause is in order
   */
  public static boolean isAboutCapacity(IOException e) {
    if (says(e, ABOUT_CAPACITY)) {
      return true;
    }
    if (e.getClass() != IOException.class) {
      return false;
    }
    // A plain IOException in a language that we do not read: can a socket be opened at all?
    try {
      SocketChannel.open().close();
      return false;
    } catch (IOException noSocket) {
      return true;
    }
  }

  private static boolean says(IOException e, List<String> texts) {
    String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    return texts.stream().anyMatch(message::contains);
  }
}
