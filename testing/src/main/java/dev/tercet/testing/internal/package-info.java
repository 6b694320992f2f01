/**
 * What the testing kit's Java and Kotlin halves share. Not public API.
 *
 * <p>{@code Mailbox} and {@code Lockstep} are pure machines; {@code Room} is the lock around them
 * and the waiting list beside them; {@code SendHalf} and {@code ReceiveHalf} put the three together
 * for the two front ends, which only wait.
 */
@NullMarked
package dev.tercet.testing.internal;

import org.jspecify.annotations.NullMarked;
