/** What both languages share and never waits: errors, options, reports, seams. */
@NullMarked
package dev.tercet;

import org.jspecify.annotations.NullMarked;
