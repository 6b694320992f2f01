package dev.tercet.samples.tcat

/** What a script learns of how it went. 3 and 4 are kept for TLS. */
enum class ExitCode(val code: Int) {
    CLEAN(0),

    /** A connection or the peer failed; one line on stderr says what and where. */
    FAILED(1),

    /** The command line makes no sense; one line on stderr says why. */
    USAGE(2),
}
