package dev.tercet.internal.text;

/**
 * A throwable that ends what was cancelled, and says nothing of a failure. Marks the exceptions of
 * languages whose packages the root package does not import.
 */
public interface Cancellation {}
