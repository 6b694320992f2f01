package dev.tercet.internal.text;

import java.io.IOException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLKeyException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLProtocolException;
import org.jspecify.annotations.Nullable;

/**
 * Errors of engines, whose texts may quote the peer. A logged stack trace has the texts of all
 * causes, so cleaning the outermost message is not enough: an error one of whose texts is not
 * {@linkplain PeerText harmless} is copied, with its causes, stack traces and suppressed errors.
 * All others, almost all, are passed on as they are.
 *
 * <p>A copy has the JDK's type that is nearest; what has none becomes an {@code Exception} whose
 * text begins with the name of the type.
 */
public final class PeerErrors {
  /** A longer chain of causes is cut. */
  private static final int MAX_DEPTH = 20;

  private PeerErrors() {}

  /**
   * An error whose texts can all be shown.
   *
   * @return it, or a copy
   */
  public static SSLException harmless(SSLException error) {
    return isHarmless(error, 0) ? error : (SSLException) copy(error, 0);
  }

  /**
   * An error whose texts can all be shown.
   *
   * @param error of an engine, or of what an engine calls
   * @return it, or a copy
   */
  public static Throwable harmless(Throwable error) {
    return isHarmless(error, 0) ? error : copy(error, 0);
  }

  private static boolean isHarmless(@Nullable Throwable error, int depth) {
    if (error == null) {
      return true;
    }
    if (depth == MAX_DEPTH || !PeerText.isHarmless(text(error))) {
      return false;
    }
    for (Throwable suppressed : error.getSuppressed()) {
      if (!isHarmless(suppressed, depth + 1)) {
        return false;
      }
    }
    return isHarmless(ForeignError.cause(error), depth + 1);
  }

  /** As a stack trace shows it. It may be a user's, and its text may fail. */
  private static String text(Throwable error) {
    try {
      return error.toString();
    } catch (RuntimeException | Error e) {
      return "\0";
    }
  }

  private static Throwable copy(Throwable error, int depth) {
    Throwable cause = ForeignError.cause(error);
    Throwable shown = cause == null || depth + 1 >= MAX_DEPTH ? null : copy(cause, depth + 1);
    Throwable copy = ofKind(error, message(error), shown);
    copy.setStackTrace(trace(error));
    if (depth + 1 < MAX_DEPTH) {
      for (Throwable suppressed : error.getSuppressed()) {
        copy.addSuppressed(copy(suppressed, depth + 1));
      }
    }
    return copy;
  }

  private static StackTraceElement[] trace(Throwable error) {
    try {
      return error.getStackTrace();
    } catch (RuntimeException | Error e) {
      return new StackTraceElement[0];
    }
  }

  private static @Nullable String message(Throwable error) {
    try {
      String message = error.getMessage();
      return message == null ? null : PeerText.message(message);
    } catch (RuntimeException | Error e) {
      return "its text cannot be read";
    }
  }

  private static Throwable ofKind(
      Throwable error, @Nullable String text, @Nullable Throwable cause) {
    if (error instanceof SSLException) {
      return caused(ofSsl(error, text), cause);
    }
    if (error instanceof CertificateExpiredException) {
      return caused(new CertificateExpiredException(text), cause);
    }
    if (error instanceof CertificateNotYetValidException) {
      return caused(new CertificateNotYetValidException(text), cause);
    }
    if (error instanceof CertificateException) {
      return new CertificateException(text, cause);
    }
    if (error instanceof CertPathValidatorException path) {
      return new CertPathValidatorException(text, cause, null, -1, path.getReason());
    }
    if (error instanceof CertPathBuilderException) {
      return new CertPathBuilderException(text, cause);
    }
    String named = error.getClass().getName() + (text == null ? "" : ": " + text);
    return error instanceof IOException
        ? new IOException(named, cause)
        : new Exception(named, cause);
  }

  private static SSLException ofSsl(Throwable error, @Nullable String text) {
    if (error instanceof SSLHandshakeException) {
      return new SSLHandshakeException(text);
    }
    if (error instanceof SSLProtocolException) {
      return new SSLProtocolException(text);
    }
    if (error instanceof SSLKeyException) {
      return new SSLKeyException(text);
    }
    if (error instanceof SSLPeerUnverifiedException) {
      return new SSLPeerUnverifiedException(text);
    }
    return new SSLException(text);
  }

  private static Throwable caused(Throwable error, @Nullable Throwable cause) {
    return cause == null ? error : error.initCause(cause);
  }
}
