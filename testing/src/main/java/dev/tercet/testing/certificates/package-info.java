/** A certificate authority for tests, and the identities it issues. It needs Bouncy Castle. */
@NullMarked
package dev.tercet.testing.certificates;

import org.jspecify.annotations.NullMarked;
