/**
 * What a task waits in, and how a thread waits: places, waiters, scopes, latches. Not public API.
 */
@NullMarked
package dev.tercet.internal.wait;

import org.jspecify.annotations.NullMarked;
