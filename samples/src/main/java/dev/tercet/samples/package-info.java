/** Programs to read: echo servers and clients in both languages. */
@NullMarked
package dev.tercet.samples;

import org.jspecify.annotations.NullMarked;
