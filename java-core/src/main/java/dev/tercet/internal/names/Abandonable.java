package dev.tercet.internal.names;

/**
 * An answer that only one caller waits for, so that he can say that he no longer does. Not for the
 * stages of users' resolvers: one that caches may give the same to many.
 */
interface Abandonable {
  /** The caller is gone. */
  void abandon();
}
