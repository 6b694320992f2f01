package dev.tercet.samples.tcat

/**
 * What the standard streams are. The JVM cannot tell, so the launcher looks.
 *
 * @property stdinIsTerminal whether a person types
 * @property stdoutIsTerminal whether a person reads the output
 * @property stderrIsTerminal whether a person reads the messages
 * @property stdoutIsPipe whether a program reads the output; it may end before we do, and a write fails for no other reason
 */
data class StandardStreams(
    val stdinIsTerminal: Boolean = false,
    val stdoutIsTerminal: Boolean = false,
    val stderrIsTerminal: Boolean = false,
    val stdoutIsPipe: Boolean = false,
)
