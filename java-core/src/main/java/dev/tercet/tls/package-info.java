/**
 * Types of TLS and DTLS for both languages: configurations, trust, identities, session properties.
 */
@NullMarked
package dev.tercet.tls;

import org.jspecify.annotations.NullMarked;
