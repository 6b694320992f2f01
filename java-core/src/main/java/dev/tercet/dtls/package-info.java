/** TLS over datagrams, blocking: one UDP socket that is client and server of many peers. */
@NullMarked
package dev.tercet.dtls;

import org.jspecify.annotations.NullMarked;
