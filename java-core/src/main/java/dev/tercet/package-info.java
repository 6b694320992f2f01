/** Types of both languages that never wait: errors, options, reports, interfaces to replace. */
@NullMarked
package dev.tercet;

import org.jspecify.annotations.NullMarked;
