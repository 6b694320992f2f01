/**
 * TLS over datagrams, blocking: one UDP socket that is client and server of many peers.
 *
 * <p>Flight recordings have an event {@code dev.tercet.DtlsHandshake} per handshake, and {@code
 * dev.tercet.DtlsEnd} when what was established ends, of the suspending twin too. Both cost next to
 * nothing while nobody records; without the module {@code jdk.jfr} there are none.
 */
@NullMarked
package dev.tercet.dtls;

import org.jspecify.annotations.NullMarked;
