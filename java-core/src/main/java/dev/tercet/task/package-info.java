/**
 * Tasks, deadlines and cancellation for threads: {@link dev.tercet.task.Nursery} and {@link
 * dev.tercet.task.CancelScope}.
 */
@NullMarked
package dev.tercet.task;

import org.jspecify.annotations.NullMarked;
