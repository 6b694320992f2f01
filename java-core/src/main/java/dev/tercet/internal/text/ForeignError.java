package dev.tercet.internal.text;

import org.jspecify.annotations.Nullable;

/**
 * Questions to an exception whose class is not ours: a handler, a resolver or a trust manager has
 * thrown it. Its methods may be overridden, and throw. On a path of failure that would hide the
 * failure, end a server, or leave somebody waiting.
 */
public final class ForeignError {
  private ForeignError() {}

  /**
   * Its cause.
   *
   * @param error of any class
   * @return null also when it cannot be told
   */
  public static @Nullable Throwable cause(Throwable error) {
    try {
      Throwable cause = error.getCause();
      return cause == error ? null : cause;
    } catch (RuntimeException | Error e) {
      return null;
    }
  }

  /**
   * Its text.
   *
   * @param error of any class
   * @return the name of the class when it cannot be printed
   */
  public static String text(Throwable error) {
    try {
      return String.valueOf(error.toString());
    } catch (RuntimeException | Error e) {
      return error.getClass().getName();
    }
  }
}
