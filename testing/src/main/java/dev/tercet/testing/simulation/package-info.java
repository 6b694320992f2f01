/**
 * A simulated network in virtual time, repeatable from one seed. Java programs run in it by {@link
 * dev.tercet.testing.simulation.Simulation#run}, coroutines by {@code runIoTest} of {@code
 * dev.tercet.coroutines.testing}.
 */
@NullMarked
package dev.tercet.testing.simulation;

import org.jspecify.annotations.NullMarked;
