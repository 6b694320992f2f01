package dev.tercet.coroutines

import dev.tercet.BusyResourceException
import dev.tercet.internal.process.StandardPipes

/*
 * The standard streams of this program. The suspending twins of Java's StandardStreams, over the same three objects.
 */

/**
 * What this program reads: descriptor 0. Nothing is read ahead: bytes that nobody has asked for are left to children and to `System.in`.
 *
 * On Linux a cancelled receive of a pipe or a terminal is taken back, and no byte is lost. Elsewhere, and for sockets and named pipes, the
 * read goes on; the next receive gets what it brings.
 *
 * Closing it ends the stream and leaves the descriptor open. Two that read get [BusyResourceException].
 *
 * @return a stream over the one standard input there is
 */
public fun standardInput(): ReceiveStream = PipeReceiveStream(StandardPipes.input())

/**
 * What this program writes: descriptor 1. What was sent is with the system, and there is no buffer to flush.
 *
 * On Linux a cancelled send to a pipe or a terminal is taken back; an unknown part has been sent. Closing it ends the stream and leaves the
 * descriptor open.
 *
 * @return a stream over the one standard output there is
 */
public fun standardOutput(): SendStream = PipeSendStream(StandardPipes.output())

/**
 * What this program complains of: descriptor 2. Otherwise as [standardOutput].
 *
 * @return a stream over the one standard error there is
 */
public fun standardError(): SendStream = PipeSendStream(StandardPipes.error())
