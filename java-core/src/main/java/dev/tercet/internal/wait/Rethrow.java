package dev.tercet.internal.wait;

/**
 * Throws what was caught earlier, of whatever type: a task or a callback of the user's may throw
 * anything.
 */
public final class Rethrow {
  private Rethrow() {}

  /**
   * Throws.
   *
   * @param e what was caught
   * @param <X> what the compiler takes it for
   * @return never; for a {@code throw} that the compiler sees
   * @throws X always
   */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  public static <X extends Throwable> RuntimeException unchecked(Throwable e) throws X {
    throw (X) e;
  }
}
