/** The blocking API, in one package: streams, sockets, TLS, DTLS, tasks, servers. */
@NullMarked
package dev.tercet.blocking;

import org.jspecify.annotations.NullMarked;
