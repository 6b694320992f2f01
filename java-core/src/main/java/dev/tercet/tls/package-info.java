/** What both languages share about TLS and DTLS: configurations, trust, identities, facts. */
@NullMarked
package dev.tercet.tls;

import org.jspecify.annotations.NullMarked;
