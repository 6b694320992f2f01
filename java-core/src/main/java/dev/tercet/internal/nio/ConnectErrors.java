package dev.tercet.internal.nio;

import dev.tercet.AddressText;
import dev.tercet.ResourceException;
import dev.tercet.internal.text.Durations;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Failures of connects, with the address that the JDK leaves out of them (spec IO-HE11). */
public final class ConnectErrors {
  private static final Set<Class<?>> KINDS =
      Set.of(
          IOException.class,
          SocketException.class,
          ConnectException.class,
          BindException.class,
          NoRouteToHostException.class);

  private ConnectErrors() {}

  /**
   * The same failure, saying where to.
   *
   * @return a failure of the same kind, with {@code e} as its cause
   */
  public static IOException withAddress(IOException e, SocketAddress address) {
    if (e instanceof ResourceException || e instanceof FileSystemException) {
      return e;
    }
    if (address instanceof UnixDomainSocketAddress unix) {
      IOException aboutFile = aboutFile(e, unix.getPath());
      if (aboutFile != null) {
        aboutFile.initCause(e);
        return aboutFile;
      }
    }
    return named(e, connectingTo(address) + e.getMessage());
  }

  /**
   * What is wrong, without the address that {@link #withAddress} has added.
   *
   * @param e of a connect to {@code address}
   * @return as the system put it; the name of the class when it said nothing
   */
  public static String reason(IOException e, SocketAddress address) {
    Throwable cause = e.getCause();
    Throwable said =
        cause != null && (connectingTo(address) + cause.getMessage()).equals(e.getMessage())
            ? cause
            : e;
    String message = said.getMessage();
    return message == null ? said.getClass().getSimpleName() : message;
  }

  private static String connectingTo(SocketAddress address) {
    return "Error connecting to " + AddressText.of(address) + ": ";
  }

  /**
   * NIO has no class for what is wrong with a file: it is found by looking, not by the text.
   *
   * @return null when the file is there and nobody forbids anything
   */
  private static @Nullable IOException aboutFile(IOException e, Path path) {
    if (e instanceof BindException) {
      // EACCES; the other two errors of this class do not happen to a connect.
      return new AccessDeniedException(path.toString(), null, "may not be connected to");
    }
    return e instanceof ConnectException || Files.exists(path)
        ? null
        : new NoSuchFileException(path.toString());
  }

  /**
   * The same failure of a bind, a listen or a datagram, saying where.
   *
   * @param what to do, as in "bind to"
   * @return a failure of the same kind, with {@code e} as its cause; {@code e} itself when it is no
   *     failure of the system, or names a file already
   */
  public static IOException cannot(String what, SocketAddress address, IOException e) {
    if (e instanceof ResourceException || e instanceof FileSystemException) {
      return e;
    }
    return named(e, "cannot " + what + " " + AddressText.of(address) + ": " + e.getMessage());
  }

  /**
   * The same failure of an attempt, saying how long the attempt took.
   *
   * @return a failure of the same kind with the same cause; {@code e} itself when it is of a kind
   *     that is not known here
   */
  public static IOException after(IOException e, long nanos) {
    if (!KINDS.contains(e.getClass())) {
      return e;
    }
    String text = e.getMessage() + " (after " + Durations.millis(nanos) + ")";
    Throwable cause = e.getCause();
    IOException named = named(e, text, cause == null ? e : cause);
    named.setStackTrace(e.getStackTrace());
    return named;
  }

  private static IOException named(IOException e, String text) {
    return named(e, text, e);
  }

  private static IOException named(IOException e, String text, Throwable cause) {
    IOException named;
    if (e instanceof ConnectException) {
      named = new ConnectException(text);
    } else if (e instanceof BindException) {
      named = new BindException(text);
    } else if (e instanceof NoRouteToHostException) {
      named = new NoRouteToHostException(text);
    } else if (e instanceof SocketException) {
      named = new SocketException(text);
    } else {
      return new IOException(text, cause);
    }
    named.initCause(cause);
    return named;
  }
}
