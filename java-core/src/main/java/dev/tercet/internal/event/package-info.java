/** The way to the flight recorder, for the packages that have events. */
@org.jspecify.annotations.NullMarked
package dev.tercet.internal.event;
