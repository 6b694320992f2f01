/** DTLS 1.2 below the handshake engine: records, flights, cookies and sessions, without I/O. */
@NullMarked
package dev.tercet.proto.dtls;

import org.jspecify.annotations.NullMarked;
