package dev.tercet.samples.tcat

/** Which of the three standard streams are terminals. The JVM cannot tell them apart, so the launcher looks. */
data class Terminals(val stdin: Boolean = false, val stdout: Boolean = false, val stderr: Boolean = false)
