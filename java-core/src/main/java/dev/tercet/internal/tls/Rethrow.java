package dev.tercet.internal.tls;

/** Throws what was caught earlier, of whatever type: a user's callback may throw anything. */
final class Rethrow {
  private Rethrow() {}

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  static <E extends Throwable> E unchecked(Throwable e) throws E {
    throw (E) e;
  }
}
